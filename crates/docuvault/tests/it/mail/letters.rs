//! What the letters say: each kind, in each language.

use docuvault::mail::Letter;
use time::macros::datetime;

const VAULT: &str = "https://vault.example.org";
const LINK: &str = "https://vault.example.org/x#token=abc";

fn all() -> Vec<Letter> {
    let url = LINK.to_owned();
    vec![
        Letter::ResetPassword { url: url.clone() },
        Letter::ChoosePassword {
            url: url.clone(),
            vault_admin_name: "Ann Lee".to_owned(),
        },
        Letter::VerifyEmail { url: url.clone() },
        Letter::LeaveEmail {
            url: url.clone(),
            new_email: "new@example.org".to_owned(),
        },
        Letter::TakeEmail { url: url.clone() },
        Letter::Invite {
            url,
            inviter_name: "Ann Lee".to_owned(),
            expires_at: datetime!(2026-12-01 10:05 +2),
        },
        notice("security.new_sign_in"),
        notice("documents.reading_failed"),
        Letter::AccountErased,
    ]
}

fn notice(kind: &str) -> Letter {
    Letter::Notice {
        kind: kind.to_owned(),
        at: datetime!(2026-11-25 14:30 UTC),
        ip: Some("203.0.113.7".to_owned()),
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0".to_owned()),
    }
}

#[test]
fn every_letter_is_plain_text_that_says_where_it_is_from_and_why_it_came() {
    for letter in all() {
        for (locale, greeting, reason) in [
            ("en", "Hello,\n\n", "You get this because"),
            ("de", "Hallo,\n\n", "Du bekommst das, weil"),
        ] {
            let written = letter.write(locale, VAULT);
            let text = &written.text;
            assert!(text.starts_with(greeting), "{text}");
            assert!(text.contains(reason) && text.contains(VAULT), "{text}");
            assert!(!text.contains(['{', '}', '<']), "{text}");
            assert!((10..=60).contains(&written.subject.chars().count()));
            assert!(text.len() < 1500, "short: {text}");
        }
        assert_ne!(letter.write("en", VAULT), letter.write("de", VAULT));
    }
}

#[test]
fn a_letter_with_a_link_has_it_on_a_line_of_its_own() {
    for letter in &all()[..6] {
        for locale in ["en", "de"] {
            let text = letter.write(locale, VAULT).text;
            assert_eq!(
                text.lines().filter(|line| *line == LINK).count(),
                1,
                "{text}"
            );
        }
    }
}

#[test]
fn times_are_told_in_utc() {
    let invite = &all()[5];
    assert!(
        invite
            .write("en", VAULT)
            .text
            .contains("until 1 December 2026, 08:05 UTC")
    );
    assert!(
        invite
            .write("de", VAULT)
            .text
            .contains("bis 1.12.2026, 08:05 Uhr (UTC)")
    );
}

#[test]
fn a_notice_of_security_tells_when_where_from_and_what_to_do() {
    let text = notice("security.refresh_reused").write("en", VAULT).text;
    for line in [
        "Time: 25 November 2026, 14:30 UTC",
        "Network address: 203.0.113.7",
        "Device: Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        "https://vault.example.org/settings/security",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert!(text.contains("If it was not"));
    let text = notice("documents.reading_failed").write("de", VAULT).text;
    assert!(!text.contains("/settings/security"), "{text}");
}
