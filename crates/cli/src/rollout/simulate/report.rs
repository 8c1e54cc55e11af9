//! The report, as a file that needs nothing else.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use super::svg::{self, STYLE, WIDTH, escaped};
use super::{Scene, text, words};
use crate::error::{self, Error, Status};
use crate::report::plain;

/// What a report is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Svg,
    Html,
}

impl Kind {
    /// By the path's ending.
    pub(super) fn of(path: &Path) -> Result<Self, Error> {
        match path.extension().and_then(OsStr::to_str) {
            Some("svg") => Ok(Self::Svg),
            Some("html" | "htm") => Ok(Self::Html),
            _ => Err(Error::new(format!("{}: a report ends in .svg or .html", path.display()))
                .status(Status::Usage)
                .hint("--report deploy.html")),
        }
    }
}

pub(super) fn write(path: &Path, kind: Kind, scenes: &[Scene<'_>], seed: u64) -> Result<(), Error> {
    let report = match kind {
        Kind::Svg => svg::file(scenes, seed),
        Kind::Html => html(scenes, seed),
    };
    fs::write(path, report).map_err(|error| error::io(&path.display().to_string(), &error))
}

/// What a page needs besides the drawings' own style.
const PAGE: &str = "\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:880px;margin:2rem auto;\
padding:0 1rem;background:Canvas;color:CanvasText}svg{width:100%;height:auto}\
table{border-collapse:collapse}td,th{padding:.2rem .6rem;text-align:right;white-space:nowrap}\
td:first-child,th:first-child{text-align:left;white-space:pre}tr+tr{border-top:1px solid #8884}\
.r{--paper:transparent}";

fn html(scenes: &[Scene<'_>], seed: u64) -> String {
    let title = scenes.first().map(|scene| plain(&scene.run.cookie)).unwrap_or_default();
    let sections: String = scenes.iter().map(section).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{}: a deploy, simulated</title>\n<style>{STYLE}{PAGE}</style>\n{sections}\
         <p>seed {seed}</p>\n</html>\n",
        escaped(&title)
    )
}

fn section(scene: &Scene<'_>) -> String {
    let (drawing, height) = svg::drawing(scene);
    let rows: String = text::rows(scene)
        .into_iter()
        .map(|row| {
            let indent = if row.cause.is_some() { "  " } else { "" };
            format!(
                "<tr><td>{indent}{}<td>{}<td>{}<td>{}\n",
                escaped(&row.name),
                words::count(row.production.simulated),
                words::expected(row.production),
                row.staged.map_or_else(|| "0".into(), words::expected),
            )
        })
        .collect();
    format!(
        "<section>\n<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"r\" role=\"img\" \
         aria-label=\"{}\" viewBox=\"0 0 {WIDTH} {height}\">{drawing}</svg>\n\
         <table>\n<tr><th>what<th>simulated<th>expected<th>expected in staging\n{rows}</table>\n\
         </section>\n",
        escaped(&words::title(scene)),
    )
}
