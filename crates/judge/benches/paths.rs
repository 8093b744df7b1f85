//! What certification paths cost beside one bare webpki verification, in the same run.
//!
//! `cargo bench -p certvigil-judge --bench paths`. One chain of three ECDSA P-256 certificates, two
//! profiles of the Mozilla roots and one more. Prints the median of many runs in microseconds.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark prints or stops")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use certvigil_judge::{Look, Profile, Signatures, judge_endpoint, trust};
use certvigil_model::{
    Asked, By, Capture, Ended, Fingerprint, Foreign, Host, Policy, Presented, Service, Target,
    TargetOptions, Time,
};
use certvigil_x509::{Certificate, Reading};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls_pki_types::{CertificateDer, UnixTime};

fn main() {
    let (chain, root) = chain();
    let profiles = [profile("system", &root), profile("mozilla", &root)];
    let warm = Signatures::default();
    let now = Time::from_seconds(NOW);
    let bare = median(|| bare_webpki(&chain, &root));
    let cold = median(|| assert!(trust(&chain, &profiles, &Signatures::default(), now)[1].trusted));
    let hot = median(|| assert!(trust(&chain, &profiles, &warm, now)[1].trusted));
    println!("bare webpki, one verification, one root  {bare:7.2} µs");
    println!("two profiles, nothing remembered         {cold:7.2} µs  {:.2}×", cold / bare);
    println!("two profiles, signatures remembered      {hot:7.2} µs  {:.2}×", hot / bare);
    let rules = judge(&chain, &profiles, &warm);
    println!("the same with all rules                  {rules:7.2} µs  {:.2}×", rules / bare);
}

fn bare_webpki(chain: &[Certificate], root: &Certificate) {
    let ders: Vec<_> = chain.iter().map(|one| CertificateDer::from(&*one.der)).collect();
    let root = CertificateDer::from(&*root.der);
    let anchors = [webpki::anchor_from_trusted_cert(&root).expect("an anchor")];
    let end_entity = webpki::EndEntityCert::try_from(&ders[0]).expect("a certificate");
    let now = UnixTime::since_unix_epoch(Duration::from_secs(NOW as u64));
    let verified = end_entity.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &anchors,
        &ders[1..],
        now,
        webpki::KeyUsage::server_auth(),
        None,
        None,
    );
    assert!(verified.is_ok());
}

fn judge(chain: &[Certificate], profiles: &[Profile], signatures: &Signatures) -> f64 {
    let now = Time::from_seconds(NOW);
    let target = Target {
        written: Foreign::new("www.example.org"),
        host: Host::Name("www.example.org".into()),
        port: 443,
        service: Service::Https,
        options: TargetOptions::default(),
        origin: None,
        owner: None,
        tags: Vec::new(),
        also: Vec::new(),
    };
    let presented = Presented {
        address: None,
        asked: Asked::Any,
        by: By::Rustls,
        ended: Ended::captured(),
        injected: Vec::new(),
        tls: None,
        chain: chain.iter().map(|one| one.der.clone()).collect(),
        chain_total: chain.len(),
        ocsp_response: None,
        scts: Vec::new(),
    };
    let mut capture = Capture::begun(now, Ended::captured());
    capture.presented.push(presented);
    let endpoint = target.endpoint(None, None);
    let chains = [chain.to_vec()];
    let look = Look { target: &target, endpoint: &endpoint, capture: &capture, presented: &chains };
    median(|| {
        black_box(judge_endpoint(&look, &Policy::default(), profiles, signatures, now));
    })
}

/// Microseconds of the median run.
fn median(mut run: impl FnMut()) -> f64 {
    let mut times: Vec<_> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            run();
            began.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2].as_secs_f64() * 1e6
}

fn chain() -> (Vec<Certificate>, Certificate) {
    let (root, root_key) = (ca("Bench Root"), KeyPair::generate().expect("a key"));
    let (issuing, issuing_key) = (ca("Bench Issuing CA"), KeyPair::generate().expect("a key"));
    let server = CertificateParams::new(vec!["www.example.org".to_owned()]).expect("a name");
    let server_key = KeyPair::generate().expect("a key");
    let anchor = root.self_signed(&root_key).expect("a root");
    let by_root = Issuer::from_params(&root, &root_key);
    let middle = issuing.signed_by(&issuing_key, &by_root).expect("an intermediate");
    let by_issuing = Issuer::from_params(&issuing, &issuing_key);
    let leaf = server.signed_by(&server_key, &by_issuing).expect("an end entity");
    (vec![certificate(leaf.der()), certificate(middle.der())], certificate(anchor.der()))
}

fn ca(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn profile(name: &str, root: &Certificate) -> Profile {
    let mut roots: Vec<_> =
        webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|der| certificate(der)).collect();
    roots.push(root.clone());
    Profile::new(name, true, roots)
}

fn certificate(der: &[u8]) -> Certificate {
    Certificate {
        der: der.into(),
        fingerprint: Fingerprint::of(der),
        reading: Reading::Facts(certvigil_x509::read(der).into()),
    }
}

const RUNS: usize = 2001;
/// 2026-11-24T00:00:00Z.
const NOW: i64 = 1_795_478_400;
