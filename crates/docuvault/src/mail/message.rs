//! Puts a letter into the form of RFC 5322: plain text, marked as sent by a program.

use lettre::{
    Message,
    message::{
        Mailbox,
        header::{ContentType, Header, HeaderName, HeaderValue, MIME_VERSION_1_0},
    },
};

use super::mailer::{Mail, MailError};

/// So that no holiday notice answers it (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

pub fn compose(from: &Mailbox, mail: &Mail) -> Result<Message, MailError> {
    let recipient = mail
        .recipient
        .parse()
        .map_err(|_| MailError::Never("invalid_address"))?;
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, recipient))
        .subject(mail.subject.replace(['\r', '\n'], " "))
        .date(mail.written_at.into())
        .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
        .header(AutoSubmitted)
        .header(MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.text.clone())
        .map_err(|_| MailError::Never("invalid_letter"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::OffsetDateTime;
    use uuid::Uuid;

    fn mail(recipient: &str, subject: &str) -> Mail {
        Mail {
            id: Uuid::nil(),
            recipient: recipient.to_owned(),
            subject: subject.to_owned(),
            text: "Grüße\n\n.\nhttps://vault.example.org/x#token=a\n".to_owned(),
            written_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    fn composed(mail: &Mail) -> Result<String, MailError> {
        let from = "DocuVault <docuvault@vault.example.org>".parse().unwrap();
        compose(&from, mail).map(|message| String::from_utf8(message.formatted()).unwrap())
    }

    #[test]
    fn a_mail_says_that_a_program_sent_it_and_when() {
        let text = composed(&mail("ann@example.org", "Für dich")).unwrap();
        for line in [
            "From: DocuVault <docuvault@vault.example.org>\r\n",
            "To: ann@example.org\r\n",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n",
            "Message-ID: <00000000-0000-0000-0000-000000000000@vault.example.org>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "MIME-Version: 1.0\r\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
        assert!(text.is_ascii() && text.lines().all(|line| line.len() <= 998));
    }

    #[test]
    fn no_header_can_be_smuggled_in() {
        let text = composed(&mail("ann@example.org", "Hi\r\nBcc: eve@example.org")).unwrap();
        assert!(!text.to_lowercase().contains("\nbcc:"), "{text}");
        for address in [
            "ann@example.org\r\nBcc: eve@example.org",
            "ann@example.org, eve@example.org",
            "Ann <ann@example.org>",
            "",
            "ann",
            "<ann@example.org>",
        ] {
            assert_eq!(
                composed(&mail(address, "Hi")),
                Err(MailError::Never("invalid_address")),
                "{address}"
            );
        }
    }
}
