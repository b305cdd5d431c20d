//! No secret, name, text or search word ever reaches a log: a whole story is played with canaries in every such place, and then they
//! are looked for in everything the program and its PostgreSQL have written.
//!
//! To extend it: a new chapter in `story.rs` or `accounts.rs`, which tells [`Canaries`] what must not be said.

use super::{letterbox::Letterbox, story};
use crate::chaos::program::Program;

/// What must not be said, and what it is.
#[derive(Default)]
pub struct Canaries(Vec<(&'static str, String)>);

impl Canaries {
    pub fn add(&mut self, what: &'static str, text: impl Into<String>) {
        let text = text.into();
        assert!(
            text.len() >= 8,
            "{what} is too short to be told from others: {text:?}"
        );
        self.0.push((what, text));
    }

    /// All that are found in `log`, with the line.
    fn sung_in(&self, log: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (what, text) in &self.0 {
            for form in forms(text) {
                let lines = log.lines().filter(|line| line.contains(&form));
                found.extend(lines.take(2).map(|line| format!("{what} ({form}): {line}")));
            }
        }
        found
    }
}

/// A text as it is, and as it stands in JSON, in an address, in debug output of bytes, in hexadecimal, and in base64.
fn forms(text: &str) -> Vec<String> {
    use base64::Engine as _;
    let json = serde_json::to_string(text).unwrap();
    let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(text);
    let mut forms = vec![
        text.to_owned(),
        json.trim_matches('"').to_owned(),
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string(),
        text.replace(' ', "+"),
        format!("{:?}", text.as_bytes())
            .trim_matches(['[', ']'])
            .to_owned(),
        hex::encode(text),
        // Without the last characters, which depend on what follows.
        base64[..base64.len() - 2].to_owned(),
    ];
    forms.sort_unstable();
    forms.dedup();
    forms
}

#[test]
fn a_canary_is_found_however_it_is_written() {
    let mut canaries = Canaries::default();
    canaries.add("a name", "the umbrella \"policy\"");
    for log in [
        "x the umbrella \"policy\" x",
        r#"{"name":"the umbrella \"policy\""}"#,
        "q=the%20umbrella%20%22policy%22",
        "74686520756d6272656c6c612022706f6c69637922",
    ] {
        assert_eq!(canaries.sung_in(log).len(), 1, "{log}");
    }
    assert!(canaries.sung_in("another umbrella").is_empty());
}

async fn nothing_is_sung(format: &str, letterbox: &Letterbox) {
    let mut canaries = Canaries::default();
    canaries.add("the setup token", story::SETUP_TOKEN);
    let mut settings = vec![
        ("DOCUVAULT_SETUP_TOKEN", story::SETUP_TOKEN),
        (
            "DOCUVAULT_LOG",
            "trace,hyper=trace,sqlx=trace,lettre=trace,docuvault=trace",
        ),
        ("DOCUVAULT_LOG_FORMAT", format),
    ];
    settings.extend(letterbox.setting());
    let mut program = Program::start_with(&settings).await;
    story::play(&program, letterbox, &mut canaries).await;
    assert!(program.stop(), "it did not end well");
    let postgres = std::fs::read_to_string(program.data_dir().join("pg.log")).unwrap();
    let log = program.log();
    assert!(
        log.lines().count() > 100 && log.contains("/api/v1/documents"),
        "it said too little for this to prove anything: {log}"
    );
    let sung = canaries.sung_in(&format!("{log}\n{postgres}"));
    assert!(sung.is_empty(), "{}", sung.join("\n"));
}

#[tokio::test]
async fn sec_log_01_no_canary_sings_in_lines_of_text() {
    nothing_is_sung("text", &Letterbox::Folder).await;
}

#[tokio::test]
async fn sec_log_01_no_canary_sings_in_lines_of_json() {
    nothing_is_sung("json", &Letterbox::at_a_server().await).await;
}
