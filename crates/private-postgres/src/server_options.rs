//! The options that the server is started with. They are passed on its command line, so the cluster itself holds no setting of ours.

use crate::Settings;
use crate::endpoint::Endpoint;

/// `-c` arguments. Later ones win: the caller's may tune, but not say where to listen and whether to sync.
pub(crate) fn arguments(
    settings: &Settings,
    cluster_name: &str,
    endpoint: &Endpoint,
) -> Vec<String> {
    let (socket_dir, host, port) = match endpoint {
        Endpoint::Socket { dir, port } => (quoted(&dir.to_string_lossy()), "", *port),
        Endpoint::Loopback { port } => (String::new(), "127.0.0.1", *port),
    };
    let sync = if settings.durable { "on" } else { "off" };
    let own = [
        ("timezone", "UTC"),
        ("log_timezone", "UTC"),
        // Errors are reported to the client, which is us. They may quote what people store, so they stay out of the log.
        ("log_min_messages", "log"),
        ("log_min_error_statement", "panic"),
        ("log_error_verbosity", "terse"),
        ("password_encryption", "scram-sha-256"),
        // Many short statements on a solid state disk.
        ("jit", "off"),
        ("random_page_cost", "1.1"),
        ("wal_compression", "on"),
        ("checkpoint_timeout", "15min"),
        // Room to sort what a search finds, and to build indexes.
        ("work_mem", "8MB"),
        ("maintenance_work_mem", "128MB"),
        ("synchronous_commit", sync),
    ];
    let fixed = [
        // Shown in the command line of every process of the server.
        ("cluster_name", cluster_name),
        ("listen_addresses", host),
        ("unix_socket_directories", &socket_dir),
        ("unix_socket_permissions", "0700"),
        ("port", &port.to_string()),
        ("logging_collector", "off"),
        ("log_destination", "stderr"),
        ("fsync", sync),
        ("full_page_writes", sync),
    ];
    let of_the_caller = settings
        .server_options
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    own.into_iter()
        .chain(of_the_caller)
        .chain(fixed)
        .flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")])
        .collect()
}

/// One entry of a list of directories, in which a comma would separate two.
fn quoted(dir: &str) -> String {
    format!("\"{}\"", dir.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_may_tune_but_not_turn_syncing_off() {
        let mut settings = Settings::new("pg", "secrets", "vault", "owner");
        settings.server_options = vec![
            ("work_mem".to_owned(), "64MB".to_owned()),
            ("fsync".to_owned(), "off".to_owned()),
        ];
        let arguments = arguments(&settings, "c", &Endpoint::Loopback { port: 1 });
        let last = |name: &str| {
            arguments
                .iter()
                .rev()
                .find(|argument| argument.starts_with(name))
                .cloned()
                .unwrap()
        };
        assert_eq!(last("work_mem="), "work_mem=64MB");
        assert_eq!(last("fsync="), "fsync=on");
        assert_eq!(last("full_page_writes="), "full_page_writes=on");
        assert_eq!(quoted("/a,b\"c"), "\"/a,b\"\"c\"");
    }
}
