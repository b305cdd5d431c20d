//! What a gateway needs to stand in for presigned URLs: tickets, `Range`, and safe ways to present a file.

mod presentation;
mod range;
mod ticket;

pub use presentation::{ServedAs, content_disposition, safe_file_name, served_as};
pub use range::{RangeRequest, content_range, parse_range};
pub use ticket::{GatewayTicket, GetTicket, PutTicket, TicketError, TicketKey};
