//! Which passwords may be chosen: long enough, not among those that attackers try first, and more than what is known of the user.
//!
//! There are no rules of composition, and nothing is cut off or changed: a password is compared byte by byte as it was typed.
//! Normalising it would make different passwords one, and would have to stay the same for as long as any hash is kept.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::http::problem::FieldError;

/// Counted in Unicode scalar values, so that no script is worse off.
const CHARS: std::ops::RangeInclusive<usize> = 8..=128;
/// Shorter words are in too many good passwords by chance.
const SHORTEST_KNOWN_WORD: usize = 4;
const OUR_NAME: &str = "docuvault";

/// Sorted beginnings of hashes; see common_passwords.md beside it.
const COMMON: &[u8] = include_bytes!("common_passwords.bin");
const HASH_BYTES: usize = 5;

/// Holds a new password to the rules. `known_words` are what anyone may know of the user: the e-mail address, the name.
pub fn check_password(password: &SecretString, known_words: &[&str]) -> Result<(), FieldError> {
    let password = password.expose_secret();
    if !CHARS.contains(&password.chars().count()) {
        return Err(refused(
            "invalid_length",
            "A password has 8 to 128 characters.",
        ));
    }
    let lower_case = password.to_lowercase();
    if is_common(password) || is_common(&lower_case) {
        return Err(refused(
            "breached_password",
            "This password is among those that attackers try first, because it has leaked elsewhere.",
        ));
    }
    if is_hardly_more_than(&lower_case, known_words) {
        return Err(refused(
            "contains_known_word",
            "Without your name, your e-mail address or the name of this program, too little is left of this password.",
        ));
    }
    Ok(())
}

fn refused(code: &str, detail: &str) -> FieldError {
    FieldError {
        field: "password".to_owned(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }
}

fn is_common(password: &str) -> bool {
    let hash = Sha256::digest(password.as_bytes());
    let (entries, _) = COMMON.as_chunks::<HASH_BYTES>();
    entries
        .binary_search_by(|entry| entry.as_slice().cmp(&hash[..HASH_BYTES]))
        .is_ok()
}

/// Whether what is left without the known words would itself be too short. A password may name its user ("alice's password"), as
/// long as it does not lean on that.
fn is_hardly_more_than(password: &str, known_words: &[&str]) -> bool {
    let mut words: Vec<String> = known_words.iter().flat_map(|known| parts(known)).collect();
    words.push(OUR_NAME.to_owned());
    words.retain(|word| word.chars().count() >= SHORTEST_KNOWN_WORD);
    // Whole names before their parts.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut rest = password.to_owned();
    for word in &words {
        rest = rest.replace(word.as_str(), "");
    }
    rest.len() < password.len() && !CHARS.contains(&rest.chars().count())
}

/// `Max.Mustermann@example.org`: the whole, the part before the @, and each word of that.
fn parts(known: &str) -> Vec<String> {
    let known = known.trim().to_lowercase();
    let name = known
        .rsplit_once('@')
        .map_or(known.as_str(), |(name, _)| name);
    let mut parts = vec![known.clone(), name.to_owned()];
    parts.extend(
        name.split(|c: char| !c.is_alphanumeric())
            .map(str::to_owned),
    );
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(password: &str, known_words: &[&str]) -> String {
        check_password(&password.into(), known_words)
            .err()
            .map_or_else(|| "fine".to_owned(), |error| error.code)
    }

    #[test]
    fn the_list_is_sorted_and_whole() {
        let (entries, rest) = COMMON.as_chunks::<HASH_BYTES>();
        assert!(entries.is_sorted() && rest.is_empty());
        assert!(entries.len() >= 100_000);
    }

    #[test]
    fn sec_aut_09_any_characters_of_any_script_and_no_rules_of_composition() {
        for good in [
            "four plain words here",
            "a good password",
            "        x",
            "7391846205",
            "пароль мой длинный",
            "密码很长很难猜到",
            "🦀🐙🦑🐡🐠🐟🐬🐳",
            "nur kleine buchstaben",
            "vpmzkqwt",
        ] {
            assert_eq!(verdict(good, &[]), "fine", "{good}");
        }
    }

    #[test]
    fn sec_aut_09_eight_to_128_characters_however_many_bytes_they_take() {
        for (password, expected) in [
            ("xk3;p9q".to_owned(), "invalid_length"),
            ("xk3;p9qw".to_owned(), "fine"),
            ("ü€🦀ß".to_owned(), "invalid_length"),
            ("🦀ü".repeat(64), "fine"),
            ("🦀ü".repeat(64) + "x", "invalid_length"),
            (String::new(), "invalid_length"),
        ] {
            assert_eq!(verdict(&password, &[]), expected, "{password}");
        }
    }

    #[test]
    fn sec_aut_09_common_and_breached_passwords_are_refused_offline() {
        for common in [
            "password",
            "Password",
            "PASSWORD1",
            "12345678",
            "1234567890",
            "qwertyuiop",
            "iloveyou",
            "baseball1",
            "passwort",
            "hallo123",
            "passwordpassword",
            "sunshine12",
        ] {
            assert_eq!(verdict(common, &[]), "breached_password", "{common}");
        }
    }

    #[test]
    fn sec_aut_09_a_password_is_more_than_what_is_known_of_its_user() {
        let known = ["max.mustermann@example.org", "Erika Gabler", "bob"];
        for weak in [
            "mustermann1",
            "Max.Mustermann!",
            "max.mustermann@example.org",
            "MUSTERMANNmustermann2024",
            "erika gabler",
            "ErikaGabler1",
            "docuvault",
            "DocuVault2026!",
            "gabler-docuvault-1",
        ] {
            assert_eq!(verdict(weak, &known), "contains_known_word", "{weak}");
        }
        for fair in [
            "mustermann's password",
            "erika and the five ducks",
            "bobby-tables",
            "a docuvault of one's own",
        ] {
            assert_eq!(verdict(fair, &known), "fine", "{fair}");
        }
    }
}
