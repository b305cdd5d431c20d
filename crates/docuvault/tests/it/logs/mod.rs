//! What the real program says while it is used, at the most talkative level there is.

mod accounts;
mod canaries;
mod letterbox;
mod lines;
mod story;
