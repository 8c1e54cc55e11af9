//! `railjar pipe`: requests as JSON lines on standard input, answers on standard output, in order.
//! The protocol stands in `docs/cli.md`.

mod active_storage;
mod cookie;
mod coordinator;
mod credentials;
mod csrf;
mod fields;
mod global_id;
mod kdf;
mod lines;
mod message;
mod message_encryptors;
mod message_verifiers;
mod options;
mod own_verifier;
mod payload;
mod random;
mod recipe;
mod reply;
mod request;
mod secret_generator;
mod serializer;
mod signed_id;
mod text;
mod token_for;
mod told;
mod words;

use std::io::{self, BufReader};

use railjar::Scratch;
use railjar::entropy::{Buffered, SystemEntropy};

use self::lines::Line;
use self::recipe::{Recipes, Tools};
use self::request::Request;
use self::words::Op;
use crate::answer::Answer;
use crate::error::{self, Error};

/// How much is read and written at once.
const BUFFER: usize = 1 << 18;

/// Why a request has no answer: always the request's fault, never the message's. Holds nothing of
/// what was sent.
#[derive(Debug)]
pub(crate) struct BadRequest(String);

impl<E: std::fmt::Display> From<E> for BadRequest {
    fn from(text: E) -> Self {
        Self(text.to_string())
    }
}

/// Serves standard input until it ends.
pub(crate) fn run() -> Result<(), Error> {
    let mut input = BufReader::with_capacity(BUFFER, io::stdin().lock());
    let mut output = io::stdout().lock();
    let mut pipe = Pipe::new();
    let mut answers = Vec::with_capacity(BUFFER);
    let mut carry = Vec::new();
    loop {
        // Whoever waits for an answer gets it before we wait for the rest of a request.
        let must_wait = memchr::memchr(b'\n', input.buffer()).is_none();
        if (must_wait || answers.len() >= BUFFER) && !write(&mut output, &mut answers)? {
            return Ok(());
        }
        let more = lines::next(&mut input, &mut carry, |line| pipe.answer(line, &mut answers));
        if !more.map_err(|error| error::io("standard input", &error))? {
            return write(&mut output, &mut answers).map(drop);
        }
    }
}

/// Writes the answers out; `false` where no one reads them any more, which is no failure.
fn write(output: &mut impl io::Write, answers: &mut Vec<u8>) -> Result<bool, Error> {
    match output.write_all(answers).and_then(|()| output.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(false),
        written => written.map_err(|error| error::io("standard output", &error))?,
    }
    answers.clear();
    Ok(true)
}

/// What is kept from line to line.
struct Pipe {
    recipes: Recipes,
    tools: Tools,
}

impl Pipe {
    fn new() -> Self {
        let entropy = Buffered::new(SystemEntropy);
        Self { recipes: Recipes::default(), tools: Tools { scratch: Scratch::new(), entropy } }
    }

    /// Appends the answer to one line, itself a line.
    fn answer(&mut self, line: Line<'_>, out: &mut Vec<u8>) {
        let (id, answered) = match line {
            Line::Whole(text) => match Request::parse(text) {
                Ok(request) => (request.id, self.try_answer(&request, out)),
                Err(error) => (request::id(text), Err(error)),
            },
            Line::TooLong => {
                (None, Err(BadRequest(format!("the line is over {} bytes", lines::LONGEST))))
            }
        };
        if let Err(BadRequest(message)) = answered {
            Answer::new(out, id, "error").text("message", &message).end();
        }
    }

    /// Writes nothing unless it succeeds.
    fn try_answer(&mut self, request: &Request<'_>, out: &mut Vec<u8>) -> Result<(), BadRequest> {
        let op = request.op()?;
        let recipe = self.recipes.get(request)?;
        match op {
            Op::Open => recipe.open(request, &mut self.tools, out),
            Op::Seal => recipe.seal(request, &mut self.tools, out),
        }
    }
}
