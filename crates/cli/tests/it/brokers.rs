//! RabbitMQ, which speaks AMQP over TLS.

use std::time::Duration;

use crate::command::{Peer, free_port};
use crate::services::{DIRECT, folder, looked_at, written};
use crate::starttls::{authority, is_here};

#[test]
fn rabbitmq_over_tls() {
    if !is_here("rabbitmq-server") {
        return;
    }
    let authority = authority();
    let folder = folder(&authority);
    let [port, distribution, mapper] = [(); 3].map(|()| free_port());
    let config = format!(
        "listeners.tcp = none\nlisteners.ssl.1 = 127.0.0.1:{port}\nssl_options.cacertfile = {folder}/root.pem
ssl_options.certfile = {folder}/ec.chain.pem\nssl_options.keyfile = {folder}/ec.key
ssl_options.verify = verify_none\nlog.console = true\nlog.console.level = info\nlog.file = false\n"
    );
    let config = written(&authority, "rabbitmq.conf", &config);
    let plugins = written(&authority, "plugins", "[].\n");
    // The server would start one of its own, and leave it behind.
    let mapper_port = mapper.to_string();
    let arguments = ["-port", &mapper_port, "-address", "127.0.0.1"];
    let _mapper = Peer::start("epmd", &arguments, authority.folder(), mapper);
    let environment = [
        format!("HOME={folder}"),
        format!("RABBITMQ_CONFIG_FILE={config}"),
        format!("RABBITMQ_ENABLED_PLUGINS_FILE={plugins}"),
        format!("RABBITMQ_MNESIA_BASE={folder}/mnesia"),
        format!("RABBITMQ_LOG_BASE={folder}/log"),
        format!("RABBITMQ_PID_FILE={folder}/rabbitmq.pid"),
        format!("RABBITMQ_DIST_PORT={distribution}"),
        format!("RABBITMQ_NODENAME=lab{port}@localhost"),
        format!("ERL_EPMD_PORT={mapper}"),
        "ERL_EPMD_ADDRESS=127.0.0.1".to_owned(),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}"
            .to_owned(),
    ];
    let mut command: Vec<&str> = environment.iter().map(String::as_str).collect();
    command.push("/usr/lib/rabbitmq/bin/rabbitmq-server");
    // Alone it needs four seconds, and five times that on two cores with all other tests.
    let patience = Duration::from_secs(90);
    let _rabbitmq = Peer::start_within(patience, "env", &command, authority.folder(), port);
    looked_at("amqps", port, &authority, DIRECT);
}
