//! What every route shares: how requests are read, what every answer carries, paging, preconditions, repeats.

mod answers;
mod bodies;
mod idempotency;
mod paging;
mod preconditions;
mod routing;
mod slow_clients;
