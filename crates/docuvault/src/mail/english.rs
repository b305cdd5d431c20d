//! The letters in English.

use time::macros::format_description;

use super::{
    letter::{Letter, Written},
    notice, text,
};

pub fn write(letter: &Letter, public_url: &str) -> Written {
    let (subject, body) = match letter {
        Letter::ResetPassword { url } => (
            "Choose a new password",
            format!(
                "someone, most likely you, has asked for a new password for your account. Choose it here:\n\n{url}\n\n\
                 The link works once, within ten minutes. If it was not you, you need not do anything: your password stays as it is."
            ),
        ),
        Letter::ChoosePassword {
            url,
            vault_admin_name,
        } => (
            "Your account is ready",
            format!(
                "{} has made an account for you, in a vault for documents. Choose your password here, then sign in:\n\n{url}\n\n\
                 The link works once, within seven days. Nobody but you learns the password.",
                text::name(vault_admin_name)
            ),
        ),
        Letter::VerifyEmail { url } => (
            "Confirm your e-mail address",
            format!(
                "this address was given for an account. Confirm that it is yours:\n\n{url}\n\n\
                 The link works once, within 24 hours. If you know nothing of an account, leave this letter alone."
            ),
        ),
        Letter::LeaveEmail { url, new_email } => (
            "Confirm your change of address",
            format!(
                "your account is to go by another e-mail address from now on: {}. If that is right, confirm it here:\n\n{url}\n\n\
                 The link works once, within 24 hours. The new address has to be confirmed as well.\n\n\
                 If it was not you: do not confirm it, sign in and change your password at {public_url}/settings/security",
                text::address(new_email)
            ),
        ),
        Letter::TakeEmail { url } => (
            "Confirm your new e-mail address",
            format!(
                "an account is to go by this e-mail address from now on. Confirm that it is yours:\n\n{url}\n\n\
                 The link works once, within 24 hours. If you know nothing of an account, leave this letter alone."
            ),
        ),
        Letter::Invite {
            url,
            inviter_name,
            expires_at,
        } => (
            "You are invited",
            format!(
                "{} invites you to a vault for documents. Make your account here:\n\n{url}\n\n\
                 The invitation is good until {}. If you do not know who this is, leave this letter alone.",
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
            let words = notice::english(kind);
            let mut lines = vec![
                words.what.to_owned(),
                String::new(),
                format!("Time: {}", moment(*at)),
            ];
            lines.extend(
                ip.iter()
                    .map(|ip| format!("Network address: {}", text::address(ip))),
            );
            lines.extend(
                user_agent
                    .iter()
                    .map(|device| format!("Device: {}", text::device(device))),
            );
            lines.push(String::new());
            lines.push(if notice::is_about_security(kind) {
                format!(
                    "If this was you, all is well. If it was not: sign in, end all other sessions and choose a new password at\n{public_url}/settings/security"
                )
            } else {
                format!("More about it is in your vault: {public_url}")
            });
            (words.subject, lines.join("\n"))
        }
        Letter::AccountErased => (
            "Your account has been erased",
            "your account has been erased, with all documents and everything that was known of them. This is the last letter you get from here."
                .to_owned(),
        ),
    };
    Written {
        subject: subject.to_owned(),
        text: format!(
            "Hello,\n\n{body}\n\n-- \nDocuVault at {public_url}\n{}\n",
            why(letter)
        ),
    }
}

/// Why the letter came.
fn why(letter: &Letter) -> &'static str {
    match letter {
        Letter::Notice { .. } => {
            "You get this because you have an account there; which letters come is chosen in its settings."
        }
        Letter::Invite { .. } => "You get this because an administrator entered your address.",
        Letter::VerifyEmail { .. } | Letter::TakeEmail { .. } => {
            "You get this because someone entered your address there."
        }
        Letter::AccountErased => "You get this because you had an account there.",
        Letter::ResetPassword { .. }
        | Letter::ChoosePassword { .. }
        | Letter::LeaveEmail { .. } => "You get this because you have an account there.",
    }
}

fn moment(at: time::OffsetDateTime) -> String {
    at.to_offset(time::UtcOffset::UTC)
        .format(format_description!(
            "[day padding:none] [month repr:long] [year], [hour]:[minute] UTC"
        ))
        .unwrap_or_default()
}
