//! Real clusters, each in a directory of its own. They need the PostgreSQL programs; those about users need root.

// All marked as test code for the lints, which else would only take the test functions themselves for it.
#[cfg(test)]
mod beside;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod first_start;
#[cfg(test)]
mod holder;
#[cfg(test)]
mod kill_nine;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod restarts;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod users;
