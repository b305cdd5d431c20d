//! What notices say of each kind of notification, in both languages.

/// A kind's words.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    pub subject: &'static str,
    pub what: &'static str,
}

/// Kind, then English and German: subject and sentence.
const WORDS: [(&str, [&str; 4]); 20] = [
    (
        "security.refresh_reused",
        [
            "A session was ended for safety",
            "one of your sessions was used from two places and has been ended: someone may hold a copy of it.",
            "Eine Sitzung wurde zur Sicherheit beendet",
            "eine deiner Sitzungen wurde von zwei Orten aus benutzt und ist beendet: Jemand hat vielleicht eine Kopie davon.",
        ],
    ),
    (
        "security.new_sign_in",
        [
            "A new sign-in",
            "someone has signed in to your account from a device or network that it did not know.",
            "Eine neue Anmeldung",
            "jemand hat sich von einem Gerät oder Netz aus angemeldet, das dein Konto noch nicht kannte.",
        ],
    ),
    (
        "security.password_changed",
        [
            "Your password was changed",
            "the password of your account was changed.",
            "Dein Passwort wurde geändert",
            "das Passwort deines Kontos wurde geändert.",
        ],
    ),
    (
        "security.password_reset",
        [
            "Your password was reset",
            "a new password was chosen for your account by means of a link. All sessions were ended.",
            "Dein Passwort wurde zurückgesetzt",
            "für dein Konto wurde über einen Link ein neues Passwort gewählt. Alle Sitzungen wurden beendet.",
        ],
    ),
    (
        "security.reset_link_made",
        [
            "A link to reset your password was made",
            "an administrator has made a link by which a new password can be chosen for your account.",
            "Ein Link für ein neues Passwort wurde erstellt",
            "die Verwaltung hat einen Link erstellt, mit dem ein neues Passwort für dein Konto gewählt werden kann.",
        ],
    ),
    (
        "security.totp_enabled",
        [
            "Sign-in with a second factor",
            "signing in to your account now takes a code from an authenticator app as well.",
            "Anmeldung mit zweitem Faktor",
            "die Anmeldung an deinem Konto verlangt jetzt auch einen Code aus einer Authenticator-App.",
        ],
    ),
    (
        "security.totp_disabled",
        [
            "Sign-in without a second factor",
            "signing in to your account no longer takes a code from an authenticator app.",
            "Anmeldung ohne zweiten Faktor",
            "die Anmeldung an deinem Konto verlangt keinen Code aus einer Authenticator-App mehr.",
        ],
    ),
    (
        "security.totp_reset_by_admin",
        [
            "Your second factor was removed",
            "an administrator has removed the second factor from your account. Set it up anew once you have signed in.",
            "Dein zweiter Faktor wurde entfernt",
            "die Verwaltung hat den zweiten Faktor deines Kontos entfernt. Richte ihn nach der nächsten Anmeldung neu ein.",
        ],
    ),
    (
        "security.recovery_code_used",
        [
            "A recovery code was used",
            "someone has signed in to your account with one of your recovery codes. It does not work again.",
            "Ein Wiederherstellungscode wurde benutzt",
            "jemand hat sich mit einem deiner Wiederherstellungscodes angemeldet. Er gilt kein zweites Mal.",
        ],
    ),
    (
        "security.recovery_codes_made",
        [
            "New recovery codes",
            "new recovery codes were made for your account. The former ones do not work any more.",
            "Neue Wiederherstellungscodes",
            "für dein Konto wurden neue Wiederherstellungscodes erstellt. Die bisherigen gelten nicht mehr.",
        ],
    ),
    (
        "security.email_change_started",
        [
            "A change of your e-mail address was asked for",
            "your account is to go by another e-mail address. That takes effect when both addresses have confirmed it.",
            "Ein Wechsel deiner E-Mail-Adresse wurde verlangt",
            "dein Konto soll unter einer anderen E-Mail-Adresse laufen. Das gilt erst, wenn beide Adressen es bestätigt haben.",
        ],
    ),
    (
        "security.email_changed",
        [
            "Your e-mail address was changed",
            "your account goes by another e-mail address now.",
            "Deine E-Mail-Adresse wurde geändert",
            "dein Konto läuft jetzt unter einer anderen E-Mail-Adresse.",
        ],
    ),
    (
        "security.api_token_made",
        [
            "An API token was made",
            "a token was made with which programs can reach your documents.",
            "Ein API-Schlüssel wurde erstellt",
            "es wurde ein Schlüssel erstellt, mit dem Programme deine Dokumente erreichen können.",
        ],
    ),
    (
        "security.ai_provider_chosen",
        [
            "An AI provider was chosen",
            "documents of your vault may from now on be sent to an AI provider that was chosen in its settings.",
            "Ein KI-Anbieter wurde gewählt",
            "Dokumente deines Tresors können ab jetzt an einen KI-Anbieter gehen, der in den Einstellungen gewählt wurde.",
        ],
    ),
    (
        "documents.ai_paused",
        [
            "The AI provider does not answer",
            "the AI provider you chose failed several times in a row. It is left alone for a while; documents are filed on the device meanwhile.",
            "Der KI-Anbieter antwortet nicht",
            "der von dir gewählte KI-Anbieter hat mehrmals hintereinander versagt. Er bleibt eine Weile ungefragt; Dokumente werden solange auf dem Gerät eingeordnet.",
        ],
    ),
    (
        "security.sessions_ended_by_admin",
        [
            "Your sessions were ended",
            "an administrator has ended all sessions of your account. Sign in again.",
            "Deine Sitzungen wurden beendet",
            "die Verwaltung hat alle Sitzungen deines Kontos beendet. Melde dich neu an.",
        ],
    ),
    (
        "account.role_changed",
        [
            "Your role was changed",
            "an administrator has changed what you may administer.",
            "Deine Rolle wurde geändert",
            "die Verwaltung hat geändert, was du verwalten darfst.",
        ],
    ),
    (
        "account.quota_changed",
        [
            "Your storage was changed",
            "an administrator has changed how much you may store.",
            "Dein Speicherplatz wurde geändert",
            "die Verwaltung hat geändert, wie viel du ablegen darfst.",
        ],
    ),
    (
        "documents.reading_failed",
        [
            "A document could not be read",
            "one of your documents could not be read. It is kept, and can be downloaded and found by its name.",
            "Ein Dokument konnte nicht gelesen werden",
            "eines deiner Dokumente konnte nicht gelesen werden. Es bleibt erhalten, lässt sich herunterladen und über seinen Namen finden.",
        ],
    ),
    (
        "documents.storage_problem",
        [
            "The file of a document is missing or damaged",
            "a check of the store has shown that the file of at least one of your documents is missing or damaged. Do not delete the document: its file may come back. If you have a copy of the file, keep it, and ask whoever runs the vault.",
            "Die Datei eines Dokuments fehlt oder ist beschädigt",
            "bei einer Prüfung des Speichers hat sich gezeigt, dass die Datei mindestens eines deiner Dokumente fehlt oder beschädigt ist. Lösche das Dokument nicht: Seine Datei kann wieder auftauchen. Hebe eine Kopie auf, wenn du eine hast, und wende dich an die Verwaltung.",
        ],
    ),
];

pub fn english(kind: &str) -> Words {
    find(kind).map_or(
        Words {
            subject: "Something in your account has changed",
            what: "something in your account has changed.",
        },
        |[subject, what, ..]| Words { subject, what },
    )
}

pub fn german(kind: &str) -> Words {
    find(kind).map_or(
        Words {
            subject: "In deinem Konto hat sich etwas geändert",
            what: "in deinem Konto hat sich etwas geändert.",
        },
        |[.., subject, what]| Words { subject, what },
    )
}

/// Whether a kind has words of its own.
pub fn has_words(kind: &str) -> bool {
    find(kind).is_some()
}

/// Such letters say what to do if it was someone else.
pub fn is_about_security(kind: &str) -> bool {
    kind.starts_with("security.")
}

fn find(kind: &str) -> Option<[&'static str; 4]> {
    WORDS
        .iter()
        .find(|(name, _)| *name == kind)
        .map(|(_, words)| *words)
}
