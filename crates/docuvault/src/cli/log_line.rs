//! One event, one line: what came from outside can neither begin a line of its own nor colour or hide one.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

/// Writes an event as the format inside does, with control characters escaped as JSON does it, which fits both formats.
pub(super) struct OneLine<F>(pub F);

impl<S, N, F> FormatEvent<S, N> for OneLine<F>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut text = String::new();
        self.0
            .format_event(context, Writer::new(&mut text), event)?;
        for char in text.trim_end_matches('\n').chars() {
            if char.is_control()
                || matches!(char, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            {
                write!(writer, "\\u{:04x}", u32::from(char))?;
            } else {
                writer.write_char(char)?;
            }
        }
        writeln!(writer)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use tracing_subscriber::layer::SubscriberExt;

    use crate::{cli::bootstrap::lines, config::LogConfig};

    const NASTY: &str = "a\nb\r\n2026-01-01T00:00:00Z INFO forged\u{1b}[31mred\u{9b}2J\u{8}\u{7f}\u{202e}\u{2028}\",\"level\":\"ERROR";

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What `log` writes in this format under this filter.
    fn written(json: bool, filter: &str, log: impl FnOnce()) -> String {
        let written = Written::default();
        let writer = written.clone();
        let config = LogConfig {
            filter: filter.to_owned(),
            json,
        };
        let lines = lines(&config, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), log);
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn log_nastily() {
        let error = io::Error::other(NASTY);
        tracing::warn!(text = NASTY, display = %NASTY, debug = ?NASTY, %error, "{NASTY}");
        tracing::info_span!("span", inner = %NASTY).in_scope(|| tracing::info!("inside"));
    }

    #[test]
    fn sec_log_03_what_comes_from_outside_forges_no_line() {
        for json in [false, true] {
            let text = written(json, "info", log_nastily);
            assert_eq!(text.matches('\n').count(), 2, "{text}");
            assert!(
                text.chars().all(|char| char == '\n'
                    || !char.is_control() && char != '\u{202e}' && char != '\u{2028}'),
                "{text}"
            );
            assert!(
                !text.lines().any(|line| line.starts_with("2026-01-01")),
                "{text}"
            );
        }
    }

    #[test]
    fn sec_log_03_a_line_of_json_is_one_object_that_keeps_what_was_said() {
        let text = written(true, "info", log_nastily);
        let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(line["fields"]["text"], NASTY, "{text}");
        assert_eq!(line["level"], "WARN", "{text}");
    }

    #[test]
    fn sec_log_01_no_filter_opens_what_other_crates_say_in_passing() {
        for filter in [
            "trace",
            "hyper=trace,sqlx=trace,lettre=trace,docuvault=trace",
        ] {
            let text = written(false, filter, || {
                tracing::trace!(target: "docuvault::uploads", "ours");
                tracing::debug!(target: "sqlx::query", "a statement");
                tracing::debug!(target: "hyper::proto", "canary");
                tracing::debug!(target: "lettre::smtp", "canary");
                tracing::trace!(target: "axum::rejection", "canary");
                tracing::debug!(target: "rustls", "canary");
                tracing::trace!(target: "sqlx::postgres", "canary");
            });
            assert!(!text.contains("canary"), "{filter}: {text}");
            assert!(
                text.contains("a statement") && text.contains("ours"),
                "{filter}: {text}"
            );
        }
    }
}
