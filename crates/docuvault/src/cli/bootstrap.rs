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

/// The most that is ever logged, whatever DOCUVAULT_LOG asks for. Below these levels other crates log what passes through them, such
/// as headers with tokens, mail with links, or rejected input; our own lines are written not to. sqlx's statements bind their values.
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
