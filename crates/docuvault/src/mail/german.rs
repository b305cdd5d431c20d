//! The letters in German.

use time::macros::format_description;

use super::{
    letter::{Letter, Written},
    notice, text,
};

pub fn write(letter: &Letter, public_url: &str) -> Written {
    let (subject, body) = match letter {
        Letter::ResetPassword { url } => (
            "Neues Passwort wählen",
            format!(
                "jemand, wahrscheinlich du, möchte ein neues Passwort für dein Konto. Hier kannst du es wählen:\n\n{url}\n\n\
                 Der Link gilt einmal und zehn Minuten lang. Warst du es nicht, musst du nichts tun: Dein Passwort bleibt, wie es ist."
            ),
        ),
        Letter::ChoosePassword {
            url,
            vault_admin_name,
        } => (
            "Dein Konto ist bereit",
            format!(
                "{} hat ein Konto für dich angelegt, in einer Ablage für Dokumente. Wähle hier dein Passwort und melde dich dann an:\n\n{url}\n\n\
                 Der Link gilt einmal und sieben Tage lang. Niemand außer dir erfährt das Passwort.",
                text::name(vault_admin_name)
            ),
        ),
        Letter::VerifyEmail { url } => (
            "Bestätige deine E-Mail-Adresse",
            format!(
                "diese Adresse wurde für ein Konto angegeben. Bestätige, dass es deine ist:\n\n{url}\n\n\
                 Der Link gilt einmal und 24 Stunden lang. Weißt du von keinem Konto, kannst du diesen Brief vergessen."
            ),
        ),
        Letter::LeaveEmail { url, new_email } => (
            "Bestätige den Wechsel deiner Adresse",
            format!(
                "dein Konto soll künftig unter einer anderen E-Mail-Adresse laufen: {}. Stimmt das, bestätige es hier:\n\n{url}\n\n\
                 Der Link gilt einmal und 24 Stunden lang. Auch die neue Adresse muss bestätigt werden.\n\n\
                 Warst du es nicht: Bestätige nichts, melde dich an und ändere dein Passwort unter {public_url}/settings/security",
                text::address(new_email)
            ),
        ),
        Letter::TakeEmail { url } => (
            "Bestätige deine neue E-Mail-Adresse",
            format!(
                "ein Konto soll künftig unter dieser E-Mail-Adresse laufen. Bestätige, dass es deine ist:\n\n{url}\n\n\
                 Der Link gilt einmal und 24 Stunden lang. Weißt du von keinem Konto, kannst du diesen Brief vergessen."
            ),
        ),
        Letter::Invite {
            url,
            inviter_name,
            expires_at,
        } => (
            "Du bist eingeladen",
            format!(
                "{} lädt dich in eine Ablage für Dokumente ein. Lege hier dein Konto an:\n\n{url}\n\n\
                 Die Einladung gilt bis {}. Weißt du nicht, wer das ist, kannst du diesen Brief vergessen.",
                text::name(inviter_name),
                moment(*expires_at)
            ),
        ),
        Letter::Notice {
            kind,
            at,
            ip,
            user_agent,
        } => {
            let words = notice::german(kind);
            let mut lines = vec![
                words.what.to_owned(),
                String::new(),
                format!("Zeit: {}", moment(*at)),
            ];
            lines.extend(
                ip.iter()
                    .map(|ip| format!("Netzadresse: {}", text::address(ip))),
            );
            lines.extend(
                user_agent
                    .iter()
                    .map(|device| format!("Gerät: {}", text::device(device))),
            );
            lines.push(String::new());
            lines.push(if notice::is_about_security(kind) {
                format!(
                    "Warst du das, ist alles gut. Wenn nicht: Melde dich an, beende alle anderen Sitzungen und wähle ein neues Passwort unter\n{public_url}/settings/security"
                )
            } else {
                format!("Mehr dazu steht in deiner Ablage: {public_url}")
            });
            (words.subject, lines.join("\n"))
        }
        Letter::AccountErased => (
            "Dein Konto ist gelöscht",
            "dein Konto ist gelöscht, mit allen Dokumenten und allem, was über sie bekannt war. Das ist der letzte Brief, den du von hier bekommst."
                .to_owned(),
        ),
    };
    Written {
        subject: subject.to_owned(),
        text: format!(
            "Hallo,\n\n{body}\n\n-- \nDocuVault unter {public_url}\n{}\n",
            why(letter)
        ),
    }
}

/// Why the letter came.
fn why(letter: &Letter) -> &'static str {
    match letter {
        Letter::Notice { .. } => {
            "Du bekommst das, weil du dort ein Konto hast; welche Briefe kommen, bestimmst du in dessen Einstellungen."
        }
        Letter::Invite { .. } => {
            "Du bekommst das, weil dort jemand aus der Verwaltung deine Adresse eingetragen hat."
        }
        Letter::VerifyEmail { .. } | Letter::TakeEmail { .. } => {
            "Du bekommst das, weil dort jemand deine Adresse eingetragen hat."
        }
        Letter::AccountErased => "Du bekommst das, weil du dort ein Konto hattest.",
        Letter::ResetPassword { .. }
        | Letter::ChoosePassword { .. }
        | Letter::LeaveEmail { .. } => "Du bekommst das, weil du dort ein Konto hast.",
    }
}

fn moment(at: time::OffsetDateTime) -> String {
    at.to_offset(time::UtcOffset::UTC)
        .format(format_description!(
            "[day padding:none].[month padding:none].[year], [hour]:[minute] Uhr (UTC)"
        ))
        .unwrap_or_default()
}
