//! What every command begins with: logging and the async runtime.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use super::log_line::OneLine;
use crate::config::LogConfig;

pub fn start_logging(config: &LogConfig) -> anyhow::Result<()> {
    tracing_subscriber::registry()
        .with(lines(config, std::io::stderr)?)
        .try_init()
        .map_err(|error| anyhow::anyhow!("logging could not be started: {error}"))
}

/// Each event as one line, as far as configuration and the cap let it through.
pub(super) fn lines<S, W>(
    config: &LogConfig,
    writer: W,
) -> anyhow::Result<impl Layer<S> + Send + Sync + use<S, W>>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(&config.filter)?;
    let lines = fmt::layer().with_ansi(false).with_writer(writer);
    let lines = if config.json {
        let format = fmt::format().json().with_target(false);
        lines.json().map_event_format(|_| OneLine(format)).boxed()
    } else {
        let format = fmt::format().compact().with_target(false);
        lines.map_event_format(|_| OneLine(format)).boxed()
    };
    Ok(lines.with_filter(filter).with_filter(cap()))
}

/// The most that is ever logged, whatever DOCUVAULT_LOG asks for. At finer levels other crates are free to log what passes through
/// them, such as headers with tokens, mail with links, or values bound to a statement, and a new version may begin to. Our own
/// lines are written not to; sqlx's down to this level hold statements without their values.
fn cap() -> Targets {
    Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("docuvault", LevelFilter::TRACE)
        .with_target("sqlx", LevelFilter::DEBUG)
}

pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

/// Secrets are in this process's memory: no core dump may write them to a disk, and no other process of the same user may look.
/// Goes on where a system does not have it.
pub fn keep_memory_private() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps could not be switched off");
    }
    #[cfg(target_os = "linux")]
    if let Err(error) =
        rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
    {
        tracing::warn!(%error, "other processes of this user may look into the memory");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    #[test]
    fn memory_is_not_dumped() {
        super::keep_memory_private();
        assert_eq!(getrlimit(Resource::Core).maximum, Some(0));
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }
}
