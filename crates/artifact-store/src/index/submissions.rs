//! Submissions, and who owns a skill's name: the principal that first submitted it.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Transaction, params};
use saggar_model::{Code, Digest, Principal, SkillName, Stage, Status, Submission, SubmissionId};
use saggar_plugin_abi::NewSubmission;

use super::{Undone, decode, encode, unreadable};
use crate::StoreError;

/// Who owns a skill's name.
pub(crate) fn owner(tx: &Transaction<'_>, skill: &SkillName) -> Result<Option<Principal>, Undone> {
    let sql = "SELECT principal FROM owners WHERE skill = ?1";
    let found: Option<String> =
        tx.prepare_cached(sql)?.query_row([skill.as_str()], |row| row.get(0)).optional()?;
    let parse = |text: String| {
        text.parse().map_err(|_| unreadable(&format!("the owner of `{skill}`"), "no principal"))
    };
    Ok(found.map(parse).transpose()?)
}

/// Begins a submission, and gives the name to the principal if it was nobody's.
pub(crate) fn begin(tx: &Transaction<'_>, new: &NewSubmission<'_>) -> Result<SubmissionId, Undone> {
    let (skill, principal) = (new.skill, new.principal);
    match owner(tx, skill)? {
        Some(owner) if owner != *principal => {
            return Err(StoreError::NotOwner { skill: skill.clone() }.into());
        }
        Some(_) => {}
        None => {
            let sql = "INSERT INTO owners (skill, principal) VALUES (?1, ?2)";
            tx.prepare_cached(sql)?.execute([skill.as_str(), principal.as_str()])?;
        }
    }
    let sql = "INSERT INTO submissions (skill, principal, plan, source, document)
               VALUES (?1, ?2, ?3, ?4, '')";
    let (plan, source) = (new.plan.to_string(), new.source.to_string());
    tx.prepare_cached(sql)?.execute(params![skill.as_str(), principal.as_str(), plan, source])?;
    let row = tx.last_insert_rowid();
    let id = u64::try_from(row).map(SubmissionId);
    let id = id.map_err(|_| unreadable("a submission", "its number is negative"))?;
    update(tx, &first_record(skill, principal, id))?;
    Ok(id)
}

/// What is recorded until the first update; what stays, if the host ends before that.
fn first_record(skill: &SkillName, principal: &Principal, id: SubmissionId) -> Submission {
    Submission {
        skill: Some(skill.clone()),
        submission: Some(id),
        release: None,
        stage: Stage::Plan,
        status: Status::Running,
        exit_code: Code::Internal.exit(),
        artifact: None,
        build_key: None,
        deduplicated: false,
        authority: None,
        principal: principal.clone(),
        timings_us: BTreeMap::new(),
        steps_us: BTreeMap::new(),
        enforced: BTreeMap::new(),
        feedback: None,
    }
}

/// Records where a submission stands. Its skill and principal are those it began with.
pub(crate) fn update(tx: &Transaction<'_>, submission: &Submission) -> Result<(), Undone> {
    let unknown = || StoreError::unknown(submission.submission);
    let id = submission.submission.and_then(row_of).ok_or_else(unknown)?;
    let skill = submission.skill.as_ref().ok_or_else(unknown)?;
    let document = encode(submission, "a submission")?;
    let sql = "UPDATE submissions SET document = ?1
               WHERE id = ?2 AND skill = ?3 AND principal = ?4";
    let principal = submission.principal.as_str();
    match tx.prepare_cached(sql)?.execute(params![document, id, skill.as_str(), principal])? {
        0 => Err(unknown().into()),
        _ => Ok(()),
    }
}

/// A submission as last recorded, with the digests of its plan and its source.
pub(crate) fn get(
    tx: &Transaction<'_>,
    id: SubmissionId,
) -> Result<Option<(Submission, Digest, Digest)>, Undone> {
    let sql = "SELECT document, plan, source FROM submissions WHERE id = ?1";
    let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let found: Option<(String, String, String)> =
        tx.prepare_cached(sql)?.query_row([row_of(id)], columns).optional()?;
    let Some((document, plan, source)) = found else { return Ok(None) };
    let what = format!("submission {id}");
    let digest = |text: String| text.parse().map_err(|_| unreadable(&what, "no digest"));
    Ok(Some((decode(&document, &what)?, digest(plan)?, digest(source)?)))
}

/// The last submissions of a skill, oldest first.
pub(crate) fn of_skill(
    tx: &Transaction<'_>,
    skill: &SkillName,
    limit: u32,
) -> Result<Vec<Submission>, Undone> {
    let sql = "SELECT document FROM submissions WHERE skill = ?1 ORDER BY id DESC LIMIT ?2";
    let mut statement = tx.prepare_cached(sql)?;
    let rows = statement.query_map(params![skill.as_str(), limit], |row| row.get(0))?;
    let texts: Vec<String> = rows.collect::<Result<_, _>>()?;
    let what = format!("a submission of `{skill}`");
    Ok(texts.iter().rev().map(|text| decode(text, &what)).collect::<Result<_, _>>()?)
}

/// The row of a submission; none has a number beyond SQLite's.
fn row_of(id: SubmissionId) -> Option<i64> {
    i64::try_from(id.0).ok()
}
