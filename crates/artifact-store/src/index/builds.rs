//! What build keys led to, each principal for itself. The first result stays.

use rusqlite::{OptionalExtension, Transaction, params};
use saggar_model::{Digest, Principal};
use saggar_plugin_abi::BuildResult;

use super::{Undone, decode, encode};

/// What a build key led to.
pub(crate) fn get(
    tx: &Transaction<'_>,
    principal: &Principal,
    key: Digest,
) -> Result<Option<BuildResult>, Undone> {
    let sql = "SELECT result FROM builds WHERE principal = ?1 AND build_key = ?2";
    let found: Option<String> = tx
        .prepare_cached(sql)?
        .query_row(params![principal.as_str(), key.to_string()], |row| row.get(0))
        .optional()?;
    Ok(found.map(|text| decode(&text, &format!("build key {key}"))).transpose()?)
}

/// Remembers what a build key led to.
pub(crate) fn remember(
    tx: &Transaction<'_>,
    principal: &Principal,
    key: Digest,
    result: &BuildResult,
) -> Result<(), Undone> {
    let text = encode(result, &format!("build key {key}"))?;
    let sql = "INSERT INTO builds (principal, build_key, result) VALUES (?1, ?2, ?3)
               ON CONFLICT DO NOTHING";
    tx.prepare_cached(sql)?.execute(params![principal.as_str(), key.to_string(), text])?;
    Ok(())
}
