//! Checks the trail: that every row follows from its content and the row before it, that every chain ends where its head says, and, with
//! heads that were kept elsewhere, that nothing was rewritten or cut off since. One chain at a time, in slices.

use std::{fmt, str::FromStr};

use sqlx::PgConnection;
use uuid::Uuid;

use super::store;
use crate::db::Database;

const ROWS_AT_ONCE: i64 = 5_000;
/// Faults that are told one by one; the rest is counted.
const FAULTS_TOLD: usize = 1_000;

/// The end of a chain at some time, as a line: user, rows, hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownHead {
    pub user: Uuid,
    pub rows: i64,
    pub hash: Vec<u8>,
}

impl fmt::Display for KnownHead {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} {} {}",
            self.user,
            self.rows,
            hex::encode(&self.hash)
        )
    }
}

impl FromStr for KnownHead {
    type Err = anyhow::Error;

    fn from_str(line: &str) -> anyhow::Result<Self> {
        let mut words = line.split_whitespace();
        let (Some(user), Some(rows), Some(hash), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            anyhow::bail!("a head is a user's id, a number of rows and a hash");
        };
        Ok(Self {
            user: user.parse()?,
            rows: rows.parse()?,
            hash: hex::decode(hash)?,
        })
    }
}

/// What the check found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub chains: u64,
    pub rows: u64,
    /// In words; the first thousand.
    pub faults: Vec<String>,
    pub faults_in_all: u64,
}

impl Verdict {
    fn fault(&mut self, fault: String) {
        self.faults_in_all += 1;
        if self.faults.len() < FAULTS_TOLD {
            self.faults.push(fault);
        }
    }
}

/// The heads of all chains.
pub async fn all_heads(
    database: &Database,
    mut each: impl FnMut(KnownHead) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut conn = database.anonymous().acquire().await?;
    let mut after = None;
    while let Some(chain) = store::next_chain(&mut conn, after).await? {
        after = Some(chain.user);
        if let Some((rows, hash)) = chain.head {
            each(KnownHead {
                user: chain.user,
                rows,
                hash,
            })?;
        }
    }
    Ok(())
}

/// Checks every chain, and `known` heads against what is there now.
pub async fn verify_trail(database: &Database, known: &[KnownHead]) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::default();
    let mut after = None;
    loop {
        // All of a chain as it was at one moment, while others go on writing.
        let mut tx = database.anonymous().begin().await?;
        sqlx::query!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            .execute(&mut *tx)
            .await?;
        let Some(chain) = store::next_chain(&mut tx, after).await? else {
            break;
        };
        after = Some(chain.user);
        check_chain(&mut tx, &chain, &mut verdict).await?;
        tx.commit().await?;
    }
    let mut conn = database.anonymous().acquire().await?;
    for head in known {
        let now = store::hash_at(&mut conn, head.user, head.rows).await?;
        if head.rows > 0 && now.as_ref() != Some(&head.hash) {
            let what = if now.is_none() {
                "was cut short"
            } else {
                "was rewritten"
            };
            verdict.fault(format!(
                "the chain of {} {what} before row {}, as it was kept elsewhere",
                head.user, head.rows
            ));
        }
    }
    Ok(verdict)
}

async fn check_chain(
    conn: &mut PgConnection,
    chain: &store::Chain,
    verdict: &mut Verdict,
) -> Result<(), sqlx::Error> {
    let (mut rows, mut last_id, mut hash) = (0, None, Vec::new());
    loop {
        let slice = store::check_slice(conn, chain.user, last_id, &hash, ROWS_AT_ONCE).await?;
        rows += slice.checked;
        for id in slice.broken {
            verdict.fault(format!(
                "row {id} of {} does not follow from its content and the row before",
                chain.user
            ));
        }
        last_id = slice.last_id.or(last_id);
        hash = slice.last_hash.unwrap_or(hash);
        if slice.checked < ROWS_AT_ONCE {
            break;
        }
    }
    match &chain.head {
        None => verdict.fault(format!("the chain of {} has no head", chain.user)),
        Some((told, _)) if *told != rows => verdict.fault(format!(
            "the chain of {} has {rows} rows, its head tells of {told}",
            chain.user
        )),
        Some((_, end)) if *end != hash => verdict.fault(format!(
            "the chain of {} does not end where its head says",
            chain.user
        )),
        Some(_) => {}
    }
    verdict.chains += 1;
    verdict.rows += rows.unsigned_abs();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_a_line_and_back() {
        let head = KnownHead {
            user: Uuid::nil(),
            rows: 7,
            hash: vec![0xab; 32],
        };
        assert_eq!(head.to_string().parse::<KnownHead>().unwrap(), head);
        for bad in [
            "",
            "x 1 ab",
            "1 2",
            "00000000-0000-0000-0000-000000000000 1 zz",
        ] {
            assert!(bad.parse::<KnownHead>().is_err(), "{bad}");
        }
    }
}
