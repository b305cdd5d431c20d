//! E-mails: headers, the readable body, and the names of attachments.

use std::fmt::Write;

use docuvault_extract::protocol::Failure;
use docuvault_extract::{Properties, TextSource};
use mail_parser::{Address, Message, MessageParser, MessagePart, MimeHeaders};

use crate::attachments::Attachment;
use crate::findings::Findings;

/// Reads one message as one page.
pub fn read(bytes: &[u8]) -> Result<Findings, Failure> {
    let message = MessageParser::default()
        .parse(bytes)
        .ok_or(Failure::Damaged)?;
    let sender = message
        .from()
        .and_then(|from| people(from).into_iter().next());
    let properties = Properties {
        title: message.subject().map(str::to_owned),
        author: None,
        subject: None,
        sender,
        created: message.date().map(mail_parser::DateTime::to_rfc3339),
    };
    Ok(Findings {
        properties,
        attachments: attachments(&message),
        ..Findings::single_page(page(&message), TextSource::Text)
    })
}

fn page(message: &Message<'_>) -> String {
    let mut page = String::new();
    let addresses = [
        ("From", message.from()),
        ("To", message.to()),
        ("Cc", message.cc()),
    ];
    for (name, address) in addresses {
        let people = address.map(people).unwrap_or_default();
        if !people.is_empty() {
            let _ = writeln!(page, "{name}: {}", people.join(", "));
        }
    }
    if let Some(subject) = message.subject() {
        let _ = writeln!(page, "Subject: {subject}");
    }
    for position in 0..message.text_body_count() {
        let _ = write!(
            page,
            "\n{}\n",
            message.body_text(position).unwrap_or_default().trim()
        );
    }
    let attachments: Vec<&str> = message.attachments().filter_map(name).collect();
    if !attachments.is_empty() {
        let _ = write!(page, "\n{}\n", attachments.join("\n"));
    }
    page
}

/// The name of an attachment; a message in a message goes by its subject.
fn name<'a>(part: &'a MessagePart<'_>) -> Option<&'a str> {
    part.attachment_name()
        .or_else(|| part.message().and_then(Message::subject))
}

fn attachments(message: &Message<'_>) -> Vec<Attachment> {
    let parts = message.attachments().map(|part| Attachment {
        name: name(part).map(str::to_owned),
        bytes: part
            .message()
            .map_or_else(|| part.contents(), |inner| inner.raw_message())
            .to_vec(),
    });
    parts.collect()
}

fn people(address: &Address<'_>) -> Vec<String> {
    let written = address
        .iter()
        .filter_map(|person| match (person.name(), person.address()) {
            (Some(name), Some(address)) => Some(format!("{name} <{address}>")),
            (name, address) => name.or(address).map(str::to_owned),
        });
    written.collect()
}
