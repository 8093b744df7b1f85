//! The plaintext before TLS: one file a dialect, one line in `converse` and one in `goodbye`.
//!
//! A dialect asks as a client would and where a client would give up it gives up too: a server
//! that does not offer the change to TLS is not asked for it, and whatever cannot be understood
//! ends the look. All of it runs on a `Talk`, inside the look's one budget.

mod ehlo_name;
mod ends;
mod ftp;
mod imap;
mod ldap;
mod lines;
mod lmtp;
mod mysql;
mod nntp;
mod pop3;
mod postgres;
mod rehearsal;
mod sieve;
mod smtp;
mod talk;
mod xmpp;

use certvigil_model::{Ended, Outcome, Service};

use crate::wire::Wire;

pub use ehlo_name::{EhloName, NoEhloName};
pub use rehearsal::{Rehearsed, rehearse};

use talk::{Peer, Talk};

/// Asks the server for TLS and waits for its go-ahead; `domain` is whom the client wants to talk to. Gives the plaintext that stood behind the
/// go-ahead: none, as it should be.
pub(crate) async fn start_tls(
    service: Service,
    wire: &mut Wire<'_>,
    ehlo_name: Option<&EhloName>,
    domain: String,
) -> Result<Vec<u8>, Ended> {
    let own = || EhloName::literal(wire.local_ip());
    let ehlo_name = ehlo_name.cloned().unwrap_or_else(own);
    let mut talk = Talk::new(service, ehlo_name, domain, Peer::Server(wire));
    converse(service, &mut talk).await?;
    Ok(talk.left_over())
}

/// Each service's dialect. Those that begin with TLS have nothing to say.
async fn converse(service: Service, talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    match service {
        Service::Imap => imap::start_tls(talk).await,
        Service::Lmtp => lmtp::start_tls(talk).await,
        Service::Nntp => nntp::start_tls(talk).await,
        Service::Pop3 => pop3::start_tls(talk).await,
        Service::Sieve => sieve::start_tls(talk).await,
        Service::Smtp => smtp::start_tls(talk).await,
        Service::Ftp => ftp::start_tls(talk).await,
        Service::Ldap => ldap::start_tls(talk).await,
        Service::XmppClient => xmpp::start_tls(xmpp::CLIENT, talk).await,
        Service::XmppServer => xmpp::start_tls(xmpp::SERVER, talk).await,
        Service::Postgres => postgres::start_tls(talk).await,
        Service::Mysql => mysql::start_tls(talk).await,
        Service::Https
        | Service::Tls
        | Service::Dot
        | Service::Mqtts
        | Service::Amqps
        | Service::Rediss
        | Service::Ldaps
        | Service::Ftps
        | Service::Imaps
        | Service::Pop3s
        | Service::Smtps => Ok(()),
    }
}

/// What a client says before it goes, which is inside of TLS where all went well.
pub(crate) const fn goodbye(service: Service) -> Option<&'static [u8]> {
    match service {
        Service::Ftp | Service::Lmtp | Service::Nntp | Service::Pop3 | Service::Smtp => {
            Some(b"QUIT\r\n")
        }
        Service::Imap => Some(imap::GOODBYE),
        Service::Ldap => Some(ldap::GOODBYE),
        Service::Sieve => Some(sieve::GOODBYE),
        _ => None,
    }
}

/// The same where TLS did not begin. Who does not speak the dialect does not know its goodbye either.
pub(crate) fn goodbye_to(service: Service, ended: &Ended) -> Option<&'static [u8]> {
    let words = match service {
        // Inside of TLS a new stream begins, and there is none to end before that.
        Service::XmppClient | Service::XmppServer => Some(xmpp::GOODBYE),
        _ => goodbye(service),
    };
    words.filter(|_| ended.outcome != Outcome::ProtocolError)
}
