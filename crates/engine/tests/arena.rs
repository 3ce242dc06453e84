//! L25: what passed through the arena in one call is not there in the next one, however the first
//! ended, alone or in a batch. The skill looks for it from its arguments to the arena's end.
#![cfg(test)]

mod common;

use common::{SMALL_ARENA, Scene};
use saggar_engine::Code;
use serde_json::{Value, json};

const PLAN: &str = r#"
interface = """
take: func(text: string) -> u32;
give: func(masked: list<u8>, times: u32, broken: bool) -> list<string>;
stash: func(masked: list<u8>, at: u32) -> u32;
find: func(masked: list<u8>, size: u32) -> u32;
"""
[[test]]
call = "take"
args = ["ab"]
expect = 2
"#;

/// The secret comes with every bit of its bytes turned, and is never put together in memory but where
/// it is asked for.
const SOURCE: &str = r#"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

uint32_t take(const char *text) { return strlen(text); }

char **give(const uint8_t *masked, size_t n, uint32_t times, bool broken, size_t *count) {
    char **texts = malloc(sizeof *texts * times);
    for (uint32_t i = 0; i < times; i++) {
        texts[i] = malloc(n + 1);
        for (size_t k = 0; k < n; k++) texts[i][k] = ~masked[k];
        texts[i][n] = 0;
    }
    if (broken) {
        free(texts[times - 1]);
        texts[times - 1] = NULL;
    }
    *count = times;
    return texts;
}

static uint8_t *block(const uint8_t *argument) {
    return (uint8_t *)((uintptr_t)argument & ~(uintptr_t)4095);
}

uint32_t stash(const uint8_t *masked, size_t n, uint32_t at) {
    for (size_t k = 0; k < n; k++) block(masked)[at + k] = ~masked[k];
    return 0;
}

uint32_t find(const uint8_t *masked, size_t n, uint32_t size) {
    const uint8_t *from = block(masked) - 73728;
    uint32_t found = 0;
    for (size_t at = 0; at + n <= size; at++) {
        size_t k = 0;
        while (k < n && from[at + k] == (uint8_t)~masked[k]) k++;
        found += k == n;
    }
    return found;
}
"#;

const SECRET: &str = "of one caller alone";
const ARENA: u32 = 1 << 20;

/// A home whose arenas are small, with the skill released.
struct Home(Scene);

impl Home {
    fn new() -> Self {
        Home(Scene::new("c", PLAN, SOURCE, &[SMALL_ARENA]))
    }

    fn call(&self, name: &str, args: &[Value]) -> Result<Value, Code> {
        self.0.call(name, args).map_err(|told| told.code)
    }

    fn call_all(&self, name: &str, calls: &[Vec<Value>]) -> Vec<Option<Code>> {
        let answers = self.0.call_all(name, calls).into_iter();
        answers.map(|answer| answer.err().map(|told| told.code)).collect()
    }

    /// How often the secret stands in the arena.
    fn found(&self) -> Value {
        self.call("find", &[masked(), json!(ARENA)]).unwrap()
    }
}

fn masked() -> Value {
    SECRET.bytes().map(|byte| !byte).collect()
}

fn give(times: u32, broken: bool) -> Vec<Value> {
    vec![masked(), json!(times), json!(broken)]
}

/// So many that the arena cannot hold them.
const TOO_MANY: u32 = 60_000;

#[test]
fn l25_a_call_finds_nothing_of_the_one_before_it() {
    let home = Home::new();
    home.call("take", &[json!(SECRET.repeat(1000))]).unwrap();
    assert_eq!(home.found(), 0);
    home.call("give", &give(1000, false)).unwrap();
    assert_eq!(home.found(), 0);
    assert_eq!(home.call("give", &give(TOO_MANY, false)), Err(Code::ResultTooLarge));
    assert_eq!(home.found(), 0);
    assert_eq!(home.call("give", &give(1000, true)), Err(Code::CallError));
    assert_eq!(home.found(), 0);
}

/// What a skill hides from the host where no result is, it finds again, so that a look is a look; it
/// could keep it in memory of its own as well.
#[test]
fn l25_twin_what_the_skill_itself_has_hidden_it_finds() {
    let home = Home::new();
    home.call("stash", &[masked(), json!(ARENA / 2)]).unwrap();
    assert_eq!(home.found(), 1);
    // Not even that outlives a result of which nobody knows how far it went.
    assert_eq!(home.call("give", &give(1000, true)), Err(Code::CallError));
    assert_eq!(home.found(), 0);
}

#[test]
fn l25_a_call_finds_nothing_of_a_batch_before_it() {
    let home = Home::new();
    let taken = home.call_all("take", &vec![vec![json!(SECRET)]; 500]);
    assert_eq!(taken, vec![None; 500]);
    assert_eq!(home.found(), 0);
    assert_eq!(home.call_all("give", &vec![give(10, false); 50]), vec![None; 50]);
    assert_eq!(home.found(), 0);
    // One that fails, as the last and before others; one that has no room beside what is there.
    let calls = [give(10, false), give(1000, true), give(1, false), give(2000, true)];
    let failed = Some(Code::CallError);
    assert_eq!(home.call_all("give", &calls), vec![None, failed, None, failed]);
    assert_eq!(home.found(), 0);
    let calls = [give(10_000, false), give(TOO_MANY, false), give(1, false)];
    assert_eq!(home.call_all("give", &calls), vec![None, Some(Code::ResultTooLarge), None]);
    assert_eq!(home.found(), 0);
}
