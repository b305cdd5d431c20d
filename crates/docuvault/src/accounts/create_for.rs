//! An administrator makes an account for someone else, who alone chooses its password, by a link.

use secrecy::{ExposeSecret, SecretString};

use super::{
    LinkPurpose, MadeLink, NewAccount, Role, create_account, links::make_link, profile_faults,
    store,
};
use crate::{
    app::AppState,
    audit,
    db::{UserId, UserTx},
    http::Problem,
    mail::{self, Letter},
};

/// An account for someone else, as asked for.
pub struct AccountFor {
    pub email: String,
    pub display_name: String,
    pub role: Role,
    pub locale: String,
    /// `None`: the vault's usual quota.
    pub limit_bytes: Option<i64>,
}

impl AccountFor {
    /// All that is wrong with it, at once (422).
    pub fn check(&self) -> Result<(), Problem> {
        let mut faults = profile_faults(&self.email, &self.display_name);
        if self.limit_bytes.is_some_and(|bytes| bytes < 0) {
            faults.extend(
                Problem::invalid("limit_bytes", "out_of_range", "A quota is not negative.").fields,
            );
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Problem::invalid_fields(faults))
        }
    }
}

/// Makes the account in the administrator's transaction, which acts for its user from here on, and commits it. The same link is mailed.
pub async fn create_account_for(
    state: &AppState,
    tx: UserTx,
    user: UserId,
    account: AccountFor,
) -> Result<MadeLink, Problem> {
    let mut tx = tx;
    let admin = tx.user();
    let admin_name = store::find_recipient(&mut tx)
        .await?
        .map(|admin| admin.display_name)
        .unwrap_or_default();
    let mut tx = tx.for_newborn(user).await?;
    let new = NewAccount {
        email: account.email,
        // Chosen by the link.
        password: SecretString::default(),
        display_name: account.display_name,
        role: account.role,
        locale: account.locale,
        limit_bytes: account.limit_bytes,
        email_verified: false,
    };
    create_account(state, &mut tx, &new, None).await?;
    audit::record(
        &mut tx,
        audit::Event::new("account.made_by_admin").with("by_admin", admin.to_string()),
    )
    .await?;
    let purpose = LinkPurpose::ChoosePassword;
    let link = make_link(state, &mut tx, purpose, purpose.ttl()).await?;
    let letter = Letter::ChoosePassword {
        url: link.url.expose_secret().to_owned(),
        vault_admin_name: admin_name,
    };
    mail::queue_letter(state, &mut tx, new.email.trim(), &new.locale, &letter).await?;
    tx.commit().await?;
    Ok(link)
}
