//! XMPP's stream (RFC 6120 section 4) and its change to TLS (section 5), for clients and servers.

mod tag;

use certvigil_model::Ended;

use super::Talk;
use super::ends::{not_offered, refused, turned_away};

use tag::Tag;

/// `content` is the namespace of what the stream is for.
pub(super) async fn start_tls(content: &str, talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    let header = header(content, talk.domain());
    talk.say(header.as_bytes()).await?;
    open(talk).await?;
    let features = Child::hear(talk).await?;
    match &features.name[..] {
        b"features" if features.has(b"starttls") => {}
        b"features" => return Err(not_offered("STARTTLS")),
        b"error" => return Err(turned_away(&features.words())),
        _ => return Err(talk.strange()),
    }
    talk.say(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").await?;
    let answer = Child::hear(talk).await?;
    match &answer.name[..] {
        b"proceed" => Ok(()),
        b"failure" => Err(refused(b"failure")),
        b"error" => Err(turned_away(&answer.words())),
        _ => Err(talk.strange()),
    }
}

/// Section 4.4: what a client says before it goes, while its stream is open.
pub(super) const GOODBYE: &[u8] = b"</stream:stream>";

/// Namespaces of content (section 4.8.2).
pub(super) const CLIENT: &str = "jabber:client";
pub(super) const SERVER: &str = "jabber:server";

/// A host is a DNS name or an address: nothing in it needs an escape.
fn header(content: &str, to: &str) -> String {
    format!(
        "<?xml version='1.0'?><stream:stream to='{to}' version='1.0' xml:lang='en' \
         xmlns='{content}' xmlns:stream='http://etherx.jabber.org/streams'>"
    )
}

/// Hears the head of the server's own stream, behind its XML declaration.
async fn open(talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    let mut first = Tag::hear_between(talk).await?;
    if let Tag::Declaration = first {
        first = Tag::hear_between(talk).await?;
    }
    match first {
        Tag::Start { name, is_empty: false } if name == b"stream" => Ok(()),
        _ => Err(talk.strange()),
    }
}

/// A child of the stream. Of all that stands in it this keeps the names of its own children and the
/// text, wherever that stands: depth is a number here, never a call.
struct Child {
    name: Vec<u8>,
    children: Vec<Vec<u8>>,
    text: Vec<u8>,
}

impl Child {
    async fn hear(talk: &mut Talk<'_, '_>) -> Result<Self, Ended> {
        let (name, is_empty) = match Tag::hear_between(talk).await? {
            Tag::Start { name, is_empty } => (name, is_empty),
            Tag::End => return Err(turned_away(GOODBYE)),
            Tag::Declaration => return Err(talk.strange()),
        };
        let mut child = Self { name, children: Vec::new(), text: Vec::new() };
        let mut depth = usize::from(!is_empty);
        while depth > 0 {
            match Tag::hear_behind(&mut child.text, talk).await? {
                Tag::Start { name, is_empty } => {
                    if depth == 1 {
                        child.children.push(name);
                    }
                    depth += usize::from(!is_empty);
                }
                Tag::End => depth -= 1,
                Tag::Declaration => return Err(talk.strange()),
            }
        }
        Ok(child)
    }

    fn has(&self, name: &[u8]) -> bool {
        self.children.iter().any(|child| child == name)
    }

    /// The condition of an error and what is said about it (section 4.9.2).
    fn words(&self) -> Vec<u8> {
        let condition = self.children.first().map_or(&self.name, |condition| condition);
        match self.text.trim_ascii() {
            [] => condition.clone(),
            text => [condition, &b": "[..], text].concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use certvigil_model::{Ended, Outcome, Service};

    use crate::dialect::rehearse;

    const HEADER: &[u8] = b"<stream:stream from='im.example.com' id='t7AMCin9zjMNwQKDnplntZPIDEI=' \
        version='1.0' xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

    /// RFC 6120 sections 9.1.1, 5.4.1 and 5.4.2.3.
    const FEATURES: &[u8] = b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>\
        <required/></starttls></stream:features>";
    const PROCEED: &[u8] = b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    const FAILURE: &[u8] = b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>";

    #[test]
    fn what_servers_say_to_starttls() {
        let unknown = b"<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
            <text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>This server does not serve it</text>\
            </stream:error></stream:stream>";
        let no_tls = b"<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
            <mechanism>starttls</mechanism></mechanisms></stream:features>";
        let refused = |reason| Err((Outcome::StarttlsRefused, reason));
        let stranger = |reason| Err((Outcome::ProtocolError, reason));
        let with_declaration = [b"<?xml version='1.0'?>", HEADER].concat();
        for (name, given, want) in [
            ("as the RFC has it", &[HEADER, FEATURES, PROCEED][..], Ok(())),
            ("with a declaration", &[&with_declaration, FEATURES, PROCEED], Ok(())),
            (
                "other prefixes, an end tag, white space, > in a value",
                &[
                    b"<?xml version=\"1.0\"?>\n<s:stream id='a>b' xmlns:s='http://etherx.jabber.org/streams'>",
                    b"\n <s:features>\n<x y=\"'>\"/><starttls ></starttls ></s:features>\n",
                    b"<proceed></proceed>",
                ],
                Ok(()),
            ),
            ("refused", &[HEADER, FEATURES, FAILURE], refused("the server refuses to start TLS: “failure”")),
            ("not offered", &[HEADER, no_tls], refused("the server does not offer STARTTLS")),
            (
                "an unknown host",
                &[HEADER, unknown],
                refused(
                    "the server turned us away before TLS: “host-unknown: This server does not serve it”",
                ),
            ),
            (
                "the end of the stream",
                &[HEADER, b"</stream:stream>"],
                refused("the server turned us away before TLS: “</stream:stream>”"),
            ),
            (
                "another protocol",
                &[b"HTTP/1.1 400 Bad Request\r\n"],
                stranger("the server does not speak XMPP-CLIENT here; it said “HTTP/1.1 400 Bad Request”"),
            ),
            (
                "a web page",
                &[b"<html><body>no</body></html>"],
                stranger(
                    "the server does not speak XMPP-CLIENT here; it said “<html><body>no</body></html>”",
                ),
            ),
            (
                "a document type, which RFC 6120 section 11.1 forbids",
                &[b"<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol 'lol'>]>"],
                stranger(
                    "the server does not speak XMPP-CLIENT here; it said “<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol 'lol'>]>”",
                ),
            ),
        ] {
            let rehearsed = rehearse(Service::XmppClient, given);
            let got = rehearsed.ended.map_err(said);
            assert!(got.is_err() || rehearsed.injected.is_empty(), "{name}");
            let want = want.map_err(|(outcome, reason): (_, &str)| (outcome, reason.to_owned()));
            assert_eq!(got, want, "{name}");
        }
    }

    #[test]
    fn a_stream_is_for_the_name_that_is_asked_for() {
        for (service, content) in
            [(Service::XmppClient, "jabber:client"), (Service::XmppServer, "jabber:server")]
        {
            let said = rehearse(service, &[HEADER, FEATURES, PROCEED]).said;
            let said = String::from_utf8_lossy(&said).into_owned();
            assert!(said.contains("to='im.example.com'"), "{said}");
            assert!(said.contains(&format!("xmlns='{content}'")), "{said}");
        }
    }

    /// As deep as a conversation may be long.
    #[test]
    fn depth_costs_nothing() {
        let deep = b"<a>".repeat(30_000);
        let rehearsed = rehearse(Service::XmppClient, &[HEADER, &deep]);
        assert_eq!(rehearsed.ended.map_err(|ended| ended.outcome), Err(Outcome::OverBudget));
    }

    #[test]
    fn even_a_space_behind_the_go_ahead_is_told() {
        let proceed = [PROCEED, b" "].concat();
        let rehearsed = rehearse(Service::XmppServer, &[HEADER, FEATURES, &proceed]);
        assert_eq!((rehearsed.ended, &rehearsed.injected[..]), (Ok(()), &b" "[..]));
    }

    fn said(ended: Ended) -> (Outcome, String) {
        (ended.outcome, ended.reason.unwrap_or_default())
    }
}
