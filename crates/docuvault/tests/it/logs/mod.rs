//! What the real program says while it is used, at the most talkative level there is.

mod canaries;
mod lines;
mod story;
