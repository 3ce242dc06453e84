use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Deposit,
    Withdraw,
    Transfer,
}

#[derive(Clone, Debug)]
pub struct Transaction {
    pub id: u64,
    pub kind: Kind,
    pub account: u32,
    pub to_account: Option<u32>,
    pub cents: i64,
}

#[derive(Debug)]
pub struct LedgerError {
    pub transaction_id: u64,
    pub reason: String,
}

impl std::fmt::Display for LedgerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "transaction {}: {}", self.transaction_id, self.reason)
    }
}

impl std::error::Error for LedgerError {}

fn balance(accounts: &mut BTreeMap<u32, i64>, id: u32) -> Result<&mut i64, String> {
    accounts.get_mut(&id).ok_or_else(|| format!("no account {id}"))
}

fn apply(accounts: &mut BTreeMap<u32, i64>, t: &Transaction) -> Result<(), String> {
    let has = *balance(accounts, t.account)?;
    if t.kind == Kind::Deposit {
        *balance(accounts, t.account)? += t.cents;
        return Ok(());
    }
    if has < t.cents {
        return Err("insufficient funds".to_string());
    }
    if t.kind == Kind::Withdraw {
        *balance(accounts, t.account)? -= t.cents;
        return Ok(());
    }
    let receiver = t.to_account.ok_or("no receiver")?;
    balance(accounts, receiver)?;
    *balance(accounts, t.account)? -= t.cents; // sender
    *balance(accounts, receiver)? += t.cents;
    Ok(())
}

pub fn replay(
    accounts: Vec<(u32, i64)>,
    transactions: &[Transaction],
) -> Result<Vec<(u32, i64)>, LedgerError> {
    let mut accounts: BTreeMap<u32, i64> = accounts.into_iter().collect();
    for t in transactions {
        apply(&mut accounts, t).map_err(|reason| LedgerError { transaction_id: t.id, reason })?;
    }
    Ok(accounts.into_iter().collect())
}

pub fn count_kind(transactions: &[Transaction], which: Kind) -> u16 {
    transactions.iter().filter(|t| t.kind == which).count() as u16
}

pub fn largest(transactions: Vec<Transaction>) -> Option<Transaction> {
    transactions.into_iter().max_by_key(|t| t.cents)
}
