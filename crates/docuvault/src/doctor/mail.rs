//! Mail: a server that can be talked to, or a folder.

use super::Report;
use crate::{config::Config, mail::mailer};

const PART: &str = "mail";

pub async fn examine(config: &Config, report: &mut Report) {
    let mailer = match mailer(config) {
        Ok(mailer) => mailer,
        Err(error) => {
            report.problem(PART, format!("{error:#}"), "");
            return;
        }
    };
    if config.mail.smtp_url.is_none() {
        report.warn(
            PART,
            format!("letters become files in {}", config.mail.dir.display()),
            "Set DOCUVAULT_SMTP_URL, or hand the links over yourself.",
        );
        return;
    }
    match mailer.try_out().await {
        Ok(()) => report.ok(PART, "the mail server takes our login"),
        Err(error) => report.problem(
            PART,
            error.to_string(),
            "Check DOCUVAULT_SMTP_URL, and that this machine may connect there.",
        ),
    }
}
