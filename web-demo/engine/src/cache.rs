//! Answers by what was asked: the same text with the same options has the same answer, byte for byte.

use std::collections::VecDeque;

use crate::Answer;

/// What is kept, in bytes of requests and answers.
const MOST: usize = 4 << 20;

/// The answers asked for last.
#[derive(Default)]
pub struct Cache {
    /// The newest first.
    kept: VecDeque<(String, Answer)>,
    size: usize,
}

fn weight(request: &str, answer: &Answer) -> usize {
    request.len() + answer.json.len() + answer.bytes.len()
}

impl Cache {
    pub fn get(&mut self, request: &str) -> Option<Answer> {
        let at = self.kept.iter().position(|(r, _)| r == request)?;
        let entry = self.kept.remove(at)?;
        let answer = entry.1.clone();
        self.kept.push_front(entry);
        Some(answer)
    }

    pub fn put(&mut self, request: &str, answer: &Answer) {
        self.size += weight(request, answer);
        self.kept.push_front((request.to_owned(), answer.clone()));
        while self.size > MOST {
            let Some((request, answer)) = self.kept.pop_back() else { return };
            self.size -= weight(&request, &answer);
        }
    }
}
