//! What identifies a sender exactly: IBAN, VAT id, mail and web domain, letterhead line.

use std::sync::LazyLock;

use regex::Regex;

use crate::features::stable_hash;
use crate::organisations::organisation_in;
use crate::patterns::pattern;
use crate::reading::Reading;
use crate::tokens::fold;

const MAX_KEYS: usize = 8;

/// How far a kind of key can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyKind {
    Domain,
    VatId,
    /// May be the reader's own account in a direct debit.
    Iban,
    /// A line of the letterhead that looks like an organisation.
    Line,
}

impl KeyKind {
    /// Domains and VAT ids belong to the sender alone.
    pub(crate) fn is_sure(self) -> bool {
        matches!(self, Self::Domain | Self::VatId)
    }
}

/// One identifying mark on a paper.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SenderKey {
    pub(crate) kind: KeyKind,
    /// Readable form, such as `stadtwerke-lindau.de`.
    pub(crate) text: String,
}

impl SenderKey {
    pub(crate) fn hash(&self) -> u64 {
        stable_hash(&format!("{:?} {}", self.kind, self.text))
    }
}

/// The keys of a paper, the most telling first.
pub(crate) fn sender_keys(reading: &Reading) -> Vec<SenderKey> {
    let mut keys: Vec<SenderKey> = domains(reading)
        .into_iter()
        .map(|text| SenderKey {
            kind: KeyKind::Domain,
            text,
        })
        .collect();
    keys.truncate(3);
    let mut push = |kind, text: String| {
        if keys.len() < MAX_KEYS && !keys.iter().any(|key| key.text == text) {
            keys.push(SenderKey { kind, text });
        }
    };
    for line in &reading.lines {
        for found in VAT_ID.find_iter(&line.text) {
            push(KeyKind::VatId, compact(found.as_str()));
        }
    }
    for iban in ibans(reading) {
        push(KeyKind::Iban, iban);
    }
    for line in reading.top().iter().take(6) {
        let organisation = organisation_in(&line.text);
        if let Some(name) = organisation {
            push(KeyKind::Line, fold(&name));
        }
    }
    keys
}

/// Bank accounts whose check digits are right, without blanks.
pub(crate) fn ibans(reading: &Reading) -> impl Iterator<Item = String> + '_ {
    let lines = reading.lines.iter();
    lines.flat_map(|line| {
        let found = IBAN.find_iter(&line.text);
        found.filter_map(|found| valid_iban(found.as_str()))
    })
}

/// Registrable domains of mail and web addresses in the order in which they appear, without mailbox providers.
pub(crate) fn domains(reading: &Reading) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let sender = reading.sender.iter().map(String::as_str);
    for text in sender.chain(reading.lines.iter().map(|line| line.folded.as_str())) {
        if !text.contains('.') {
            continue;
        }
        for host in HOST
            .captures_iter(&text.to_ascii_lowercase())
            .filter_map(|captures| captures.get(1).or(captures.get(2)))
        {
            let domain = registrable(host.as_str());
            if !MAILBOX_PROVIDERS.contains(&domain.as_str()) && !found.contains(&domain) {
                found.push(domain);
            }
        }
    }
    found
}

static HOST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"@((?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,12})\b|\b(?:https?://|www\.)((?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,12})\b",
    )
});
static VAT_ID: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:DE ?[0-9]{9}|ATU ?[0-9]{8}|CHE-?[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}|GB ?[0-9]{3} ?[0-9]{4} ?[0-9]{2}|FR ?[0-9A-Z]{2} ?[0-9]{9}|IT ?[0-9]{11}|ES ?[A-Z][0-9]{7}[0-9A-Z]|NL ?[0-9]{9}B[0-9]{2}|PL ?[0-9]{10}|LU ?[0-9]{8}|BE ?0[0-9]{9}|IE ?[0-9]{7}[A-Z]{1,2})\b",
    )
});
static IBAN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,3})?\b"));

const MAILBOX_PROVIDERS: [&str; 24] = [
    "gmail.com",
    "googlemail.com",
    "gmx.de",
    "gmx.net",
    "gmx.com",
    "gmx.at",
    "gmx.ch",
    "web.de",
    "t-online.de",
    "freenet.de",
    "outlook.com",
    "outlook.de",
    "hotmail.com",
    "hotmail.de",
    "hotmail.co.uk",
    "live.com",
    "yahoo.com",
    "yahoo.de",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.com",
    "posteo.de",
    "mailbox.org",
];

/// `mail.shop.example.co.uk` → `example.co.uk`.
fn registrable(host: &str) -> String {
    let labels: Vec<&str> = host.split('.').collect();
    let two_part_ending = labels.len() >= 3
        && labels[labels.len() - 1].len() == 2
        && matches!(
            labels[labels.len() - 2],
            "co" | "com" | "org" | "ac" | "gov" | "net" | "nhs" | "sch"
        );
    labels[labels
        .len()
        .saturating_sub(if two_part_ending { 3 } else { 2 })..]
        .join(".")
}

fn compact(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The IBAN without spaces if its check digits are right. Words after it may have been caught by the pattern, so
/// shorter ends are tried as well.
fn valid_iban(text: &str) -> Option<String> {
    let mut candidate = text;
    loop {
        let iban = compact(candidate);
        if (15..=34).contains(&iban.len()) && check_digits_agree(&iban) {
            return Some(iban);
        }
        candidate = candidate.rsplit_once(' ')?.0;
    }
}

fn check_digits_agree(iban: &str) -> bool {
    let rearranged = iban.bytes().skip(4).chain(iban.bytes().take(4));
    let remainder = rearranged.fold(0_u32, |remainder, byte| match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        _ => (remainder * 100 + u32::from(byte.to_ascii_uppercase().wrapping_sub(b'A')) + 10) % 97,
    });
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ibans_count_only_with_right_check_digits() {
        assert_eq!(
            valid_iban("DE89 3704 0044 0532 0130 00"),
            Some("DE89370400440532013000".to_owned())
        );
        assert_eq!(
            valid_iban("GB82 WEST 1234 5698 7654 32 BIC"),
            Some("GB82WEST12345698765432".to_owned())
        );
        assert_eq!(valid_iban("DE88 3704 0044 0532 0130 00"), None);
    }

    #[test]
    fn domains_are_cut_to_what_is_registered() {
        assert_eq!(registrable("mail.shop.acme.co.uk"), "acme.co.uk");
        assert_eq!(
            registrable("www.stadtwerke-lindau.de"),
            "stadtwerke-lindau.de"
        );
        assert_eq!(registrable("acme.com"), "acme.com");
    }

    #[test]
    fn vat_ids_of_several_countries_are_seen() {
        for id in [
            "DE123456789",
            "ATU12345678",
            "GB 123 4567 89",
            "FR12345678901",
            "IT12345678901",
            "NL123456789B01",
        ] {
            assert!(VAT_ID.is_match(id), "{id}");
        }
    }
}
