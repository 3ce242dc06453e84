//! Releases: numbered from 1 per skill without a gap, one of them current.

use rusqlite::{OptionalExtension, Transaction, params};
use saggar_model::{Release, SkillName};

use super::{Undone, decode, encode, submissions, unreadable};
use crate::StoreError;

/// Gives a release the next number and makes it current.
pub(crate) fn promote(tx: &Transaction<'_>, release: &Release) -> Result<u32, Undone> {
    let skill = &release.skill;
    match submissions::owner(tx, skill)? {
        None => return Err(StoreError::Unowned { skill: skill.clone() }.into()),
        Some(owner) if owner != release.principal => {
            return Err(StoreError::NotOwner { skill: skill.clone() }.into());
        }
        Some(_) => {}
    }
    let sql = "SELECT COALESCE(MAX(number), 0) + 1 FROM releases WHERE skill = ?1";
    let number: i64 = tx.prepare_cached(sql)?.query_row([skill.as_str()], |row| row.get(0))?;
    let number = u32::try_from(number)
        .map_err(|_| unreadable(&format!("the releases of `{skill}`"), "out of numbers"))?;
    let document = encode(&Release { number, ..release.clone() }, "a release")?;
    let sql = "INSERT INTO releases (skill, number, document) VALUES (?1, ?2, ?3)";
    tx.prepare_cached(sql)?.execute(params![skill.as_str(), number, document])?;
    let sql = "INSERT INTO current (skill, number) VALUES (?1, ?2)
               ON CONFLICT (skill) DO UPDATE SET number = excluded.number";
    tx.prepare_cached(sql)?.execute(params![skill.as_str(), number])?;
    Ok(number)
}

/// The current release of a skill.
pub(crate) fn current(tx: &Transaction<'_>, skill: &SkillName) -> Result<Option<Release>, Undone> {
    let sql = "SELECT document FROM releases JOIN current USING (skill, number) WHERE skill = ?1";
    let found: Option<String> =
        tx.prepare_cached(sql)?.query_row([skill.as_str()], |row| row.get(0)).optional()?;
    let what = format!("the current release of `{skill}`");
    Ok(found.map(|text| decode(&text, &what)).transpose()?)
}

/// The last releases of a skill, oldest first.
pub(crate) fn of_skill(
    tx: &Transaction<'_>,
    skill: &SkillName,
    limit: u32,
) -> Result<Vec<Release>, Undone> {
    let sql = "SELECT document FROM releases WHERE skill = ?1 ORDER BY number DESC LIMIT ?2";
    let mut statement = tx.prepare_cached(sql)?;
    let rows = statement.query_map(params![skill.as_str(), limit], |row| row.get(0))?;
    let texts: Vec<String> = rows.collect::<Result<_, _>>()?;
    let what = format!("a release of `{skill}`");
    Ok(texts.iter().rev().map(|text| decode(text, &what)).collect::<Result<_, _>>()?)
}

/// The current release of every skill, by name.
pub(crate) fn all_current(tx: &Transaction<'_>) -> Result<Vec<Release>, Undone> {
    let sql = "SELECT document FROM releases JOIN current USING (skill, number) ORDER BY skill";
    let mut statement = tx.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    let texts: Vec<String> = rows.collect::<Result<_, _>>()?;
    Ok(texts.iter().map(|text| decode(text, "a current release")).collect::<Result<_, _>>()?)
}
