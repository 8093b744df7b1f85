//! `fixtures FOLDER COUNT` writes what nginx needs to be COUNT endpoints on loopback, each with a
//! certificate of its own, half ECDSA P-256 and half RSA-2048:
//!
//! - `nginx.conf`, with one server on each of COUNT free ports,
//! - `root.pem`, the trust anchor of them all, behind one intermediate,
//! - `targets.txt`, one `127.0.0.1:PORT` a line.

use std::error::Error;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize,
};
use time::{Duration, OffsetDateTime};

/// Keys of each type that the certificates share: making an RSA key takes long.
const KEYS: usize = 4;

/// Where ports are looked for: below those that outgoing connections use.
const PORTS: std::ops::Range<u16> = 20_000..32_768;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(count)) = (arguments.next(), arguments.next()) else {
        return Err("usage: fixtures FOLDER COUNT".into());
    };
    let folder = fs::canonicalize(folder)?;
    let ports = free_ports(count.parse()?)?;
    let authority = Authority::new()?;
    fs::write(folder.join("root.pem"), &authority.root)?;
    let keys = write_keys(&folder)?;
    for (index, port) in ports.iter().enumerate() {
        let chain = authority.chain_for(index, &keys[index % keys.len()])?;
        fs::write(folder.join(format!("{port}.pem")), chain)?;
    }
    fs::write(folder.join("nginx.conf"), nginx_conf(&folder, &ports))?;
    fs::write(folder.join("targets.txt"), targets(&ports))?;
    Ok(())
}

fn free_ports(count: usize) -> Result<Vec<u16>, String> {
    let bound: Vec<_> = PORTS
        .filter_map(|port| Some((port, TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?)))
        .take(count)
        .collect();
    if bound.len() < count {
        return Err(format!("only {} of {count} ports are free", bound.len()));
    }
    Ok(bound.into_iter().map(|(port, _listener)| port).collect())
}

/// Types alternate, so that an endpoint's place in the list says its type.
fn write_keys(folder: &Path) -> Result<Vec<KeyPair>, Box<dyn Error>> {
    let mut keys = Vec::new();
    for _ in 0..KEYS {
        keys.push(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?);
        keys.push(KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?);
    }
    for (index, key) in keys.iter().enumerate() {
        fs::write(folder.join(key_name(index)), key.serialize_pem())?;
    }
    Ok(keys)
}

fn key_name(index: usize) -> String {
    format!("key-{}.pem", index % (2 * KEYS))
}

/// A root, and an intermediate that signs for it.
struct Authority {
    root: String,
    intermediate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Result<Self, rcgen::Error> {
        let root = authority("Bench Root", 3650)?;
        let root_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let root_pem = root.self_signed(&root_key)?.pem();
        let intermediate = authority("Bench Intermediate", 1825)?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let pem = intermediate.signed_by(&key, &Issuer::new(root, root_key))?.pem();
        Ok(Self { root: root_pem, intermediate: pem, issuer: Issuer::new(intermediate, key) })
    }

    /// The end entity's certificate number `index`, then the intermediate's.
    fn chain_for(&self, index: usize, key: &KeyPair) -> Result<String, rcgen::Error> {
        let name = format!("host-{index}.bench.test");
        let names = ["127.0.0.1".to_owned(), name.clone(), format!("www.{name}")];
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = common_name(&name);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        valid_for(&mut params, 90);
        Ok(params.signed_by(key, &self.issuer)?.pem() + &self.intermediate)
    }
}

fn authority(name: &str, days: i64) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = common_name(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    valid_for(&mut params, days);
    Ok(params)
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished_name = DistinguishedName::new();
    distinguished_name.push(DnType::CommonName, name);
    distinguished_name
}

fn valid_for(params: &mut CertificateParams, days: i64) {
    params.not_before = OffsetDateTime::now_utc() - Duration::hours(1);
    params.not_after = params.not_before + Duration::days(days);
}

fn targets(ports: &[u16]) -> String {
    ports.iter().map(|port| format!("127.0.0.1:{port}\n")).collect()
}

fn nginx_conf(folder: &Path, ports: &[u16]) -> String {
    let here = folder.display().to_string();
    let mut text = format!(
        "daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid {here}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {here}/client-body;
    proxy_temp_path {here}/proxy;
    fastcgi_temp_path {here}/fastcgi;
    uwsgi_temp_path {here}/uwsgi;
    scgi_temp_path {here}/scgi;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache off;
    ssl_session_tickets off;
"
    );
    for (index, port) in ports.iter().enumerate() {
        text.push_str(&nginx_server(&here, *port, &key_name(index)));
    }
    text.push_str("}\n");
    text
}

fn nginx_server(here: &str, port: u16, key: &str) -> String {
    format!(
        "    server {{
        listen 127.0.0.1:{port} ssl backlog=1024;
        ssl_certificate {here}/{port}.pem;
        ssl_certificate_key {here}/{key};
        return 200 ok;
    }}
"
    )
}
