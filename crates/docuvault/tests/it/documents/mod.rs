//! Documents: listed, changed, put into the trash and out of it, erased, read.

mod change;
mod list;
mod list_filters;
mod password;
mod read_again;
mod text;
mod trash;
