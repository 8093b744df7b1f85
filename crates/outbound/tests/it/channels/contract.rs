//! What holds for every channel over HTTP, whatever its service does.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use certvigil_doors::{Secret, SystemClock};
use certvigil_model::Clock as _;
use certvigil_outbound::Trouble;

use crate::channels::ground::{SECRET, WEB, channel, page, settings, within};
use crate::trackers::ground::free_port;

/// A service that answers each connection by `answer`, after a whole request.
fn service(answer: impl Fn(&mut TcpStream) + Send + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    // It ends with the test's process.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            read_request(&mut stream);
            answer(&mut stream);
        }
    });
    (base, asked)
}

fn read_request(stream: &mut TcpStream) {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let Ok(more) = stream.read(&mut piece) else { return };
        request.extend_from_slice(&piece[..more]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if more == 0 {
            return;
        }
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length:").map(|it| it.trim().to_owned())
        });
        let length: usize = length.map_or(0, |it| it.parse().unwrap());
        if request.len() >= head.len() + 4 + length {
            return;
        }
    }
}

fn answering(status: &str, headers: &str, body: &str) -> (String, Arc<AtomicUsize>) {
    let answer = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    service(move |stream| drop(stream.write_all(answer.as_bytes())))
}

fn trouble(kind: &str, base: &str, millis: u64) -> Trouble {
    let sent = channel(settings(kind, base)).send(&page(), within(millis));
    let trouble = sent.err().unwrap_or_else(|| panic!("{kind} takes it for sent"));
    let said = trouble.to_string();
    assert!(!said.contains(SECRET), "{kind} shows its secret: {said}");
    assert!(!said.contains('\u{1b}') && !said.contains('\n'), "{kind}: {said:?}");
    trouble
}

#[test]
fn a_status_says_whether_to_come_again() {
    let hostile = format!("no \u{1b}[2J entry \n for {SECRET}");
    for (status, headers, is_as) in [
        ("400 No", "", "refused"),
        ("401 No", "", "refused"),
        ("403 No", "", "refused"),
        ("404 No", "", "refused"),
        ("410 No", "", "refused"),
        ("422 No", "", "refused"),
        ("424 Behind", "", "doubtful"),
        ("429 Wait", "Retry-After: 7\r\n", "later 7"),
        ("429 Wait", "", "later"),
        ("503 Wait", "Retry-After: 7\r\n", "later 7"),
        ("502 Bad", "Retry-After: 7\r\n", "later 7"),
        ("500 Bad", "", "doubtful"),
        ("504 Bad", "", "doubtful"),
    ] {
        let (base, _) = answering(status, headers, &hostile);
        for kind in WEB {
            let came = match trouble(kind, &base, 10_000) {
                Trouble::Refused(_) => "refused".to_owned(),
                Trouble::Later { after: Some(after), .. } => format!("later {}", after.as_secs()),
                Trouble::Later { after: None, .. } => "later".to_owned(),
                Trouble::Doubtful(_) => "doubtful".to_owned(),
                other => format!("{other:?}"),
            };
            assert_eq!(came, is_as, "{kind}: {status}");
        }
    }
}

#[test]
fn an_account_is_not_shown_in_any_form() {
    // RFC 7617 section 2 has this pair, and how it is written.
    let written = "QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
    let (base, _) = answering("403 No", "", &format!("{written} open sesame"));
    let mut settings = settings("ntfy", &base);
    settings.user = Some("Aladdin".to_owned());
    settings.token = Some(Secret::new("open sesame"));
    let said = channel(settings).send(&page(), within(10_000)).err().unwrap().to_string();
    assert!(!said.contains(written) && !said.contains("sesame"), "{said}");
}

#[test]
fn no_redirect_is_followed() {
    let (elsewhere, asked) = answering("200 OK", "", "ok");
    for status in ["301 Moved", "302 Found", "307 Moved", "308 Moved"] {
        let (base, _) = answering(status, &format!("Location: {elsewhere}/{SECRET}\r\n"), "");
        for kind in WEB {
            let trouble = trouble(kind, &base, 10_000);
            assert!(matches!(trouble, Trouble::Refused(_)), "{kind}: {trouble:?}");
        }
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[test]
fn who_is_not_reached_was_sent_nothing() {
    let base = format!("http://127.0.0.1:{}", free_port());
    for kind in WEB {
        let trouble = trouble(kind, &base, 10_000);
        assert!(matches!(trouble, Trouble::NotSent(_)), "{kind}: {trouble:?}");
    }
}

#[test]
fn who_does_not_answer_may_have_taken_it_and_holds_nobody_up() {
    let silent = service(|stream| {
        // Until the other side has had enough.
        let _ = stream.read(&mut [0; 1]);
    });
    let dribbling = service(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Slow: ");
        while stream.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    for (what, (base, _)) in [("silent", silent), ("dribbling", dribbling)] {
        for kind in WEB {
            let began = SystemClock.monotonic();
            let trouble = trouble(kind, &base, 300);
            let took = SystemClock.monotonic() - began;
            assert!(matches!(trouble, Trouble::Doubtful(_)), "{kind}, {what}: {trouble:?}");
            assert!(took < Duration::from_secs(3), "{kind}, {what}: {took:?}");
        }
    }
}

#[test]
fn who_breaks_off_may_have_taken_it() {
    let (base, _) = service(|stream| drop(stream.shutdown(Shutdown::Both)));
    for kind in WEB {
        let trouble = trouble(kind, &base, 10_000);
        assert!(matches!(trouble, Trouble::Doubtful(_)), "{kind}: {trouble:?}");
    }
}

#[test]
fn who_is_examined_is_sent_nothing_and_says_what_is_wrong() {
    for kind in WEB {
        let base = format!("http://127.0.0.1:{}", free_port());
        let examined = channel(settings(kind, &base)).examine(within(10_000));
        assert!(matches!(examined, Err(Trouble::NotSent(_))), "{kind}: {examined:?}");
    }
    let (base, _) = answering("401 No", "", SECRET);
    for kind in ["matrix", "ntfy"] {
        let examined = channel(settings(kind, &base)).examine(within(10_000)).err().unwrap();
        assert!(matches!(examined, Trouble::Refused(_)), "{kind}: {examined:?}");
        assert!(!examined.to_string().contains(SECRET), "{examined}");
    }
}
