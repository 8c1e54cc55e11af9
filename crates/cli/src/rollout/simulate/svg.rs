//! The curves as SVG, by itself: no script, nothing from elsewhere, for light and for dark.

use std::fmt::Write as _;

use railjar::rollout::{Effect, Rule};

use super::{Scene, words};

pub(super) const WIDTH: f64 = 880.0;

const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
/// Of the curve, and of the servers below it.
const HEIGHT: f64 = 220.0;
const STRIP: f64 = 22.0;
const LINE: f64 = 20.0;

/// What the drawings need, once in a document. The colours are told apart by those who do not see
/// all colours too.
pub(super) const STYLE: &str = "\
.r{--text:#1b1f24;--soft:#6a737d;--paper:#fff;--grid:#d8dee4;font:14px system-ui,sans-serif}\
@media(prefers-color-scheme:dark){.r{--text:#e6edf3;--soft:#9aa4ae;--paper:#0d1117;--grid:#30363d}}\
.r text{fill:var(--text)}.r .soft{fill:var(--soft)}.r .h{font-weight:600;font-size:17px}\
.r .paper{fill:var(--paper)}.r .grid{stroke:var(--grid)}\
.r .expected{fill:none;stroke:var(--text);stroke-width:1.5}.r .servers{fill:var(--soft);opacity:.6}";

/// A cause's colour.
pub(super) fn colour(rule: Rule) -> &'static str {
    match rule {
        Rule::OldCannotReadNew => "#d55e00",
        Rule::NewCannotReadOld => "#e69f00",
        Rule::RollbackStrands => "#cc79a7",
        Rule::RotatorRemovedTooSoon => "#56b4e9",
        Rule::Poison => "#0072b2",
        _ => "#009e73",
    }
}

/// A text inside a document.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A whole file: the scenes, one below the other.
pub(super) fn file(scenes: &[Scene<'_>], seed: u64) -> String {
    let mut drawn = String::new();
    let mut top = 0.0;
    for scene in scenes {
        let (drawing, height) = drawing(scene);
        let _ = writeln!(drawn, "<g transform=\"translate(0 {top})\">{drawing}</g>");
        top += height;
    }
    let _ =
        writeln!(drawn, "<text class=\"soft\" x=\"16\" y=\"{:.0}\">seed {seed}</text>", top + 8.0);
    let height = top + 24.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"r\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\"><style>{STYLE}</style>\
         <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n{drawn}</svg>\n"
    )
}

/// A scene, and its height.
pub(super) fn drawing(scene: &Scene<'_>) -> (String, f64) {
    let mut page = Page { drawn: String::new(), y: 0.0 };
    page.line("h", &words::title(scene));
    page.line("soft", &words::fleet(scene));
    let curves = words::curves(scene);
    if scene.run.effects.is_empty() {
        page.line("", "Nothing is lost: whoever meets the cookie reads it.");
    } else {
        let hit = scene.run.users_hit;
        page.line(
            "",
            &format!(
                "{} of {} users hit, {} expected",
                words::count(hit.simulated),
                words::count(scene.run.users),
                words::expected(hit)
            ),
        );
    }
    if !curves.is_empty() {
        page.line("soft", &format!("{}; the line is what is to be expected", words::curve(scene)));
        page.chart(scene, &curves);
    }
    for effect in &scene.run.effects {
        page.entry(scene, effect);
    }
    if !scene.run.effects.is_empty() {
        for line in words::wrapped(&words::staging(scene), 118) {
            page.line("", &line);
        }
    }
    page.y += LINE;
    (page.drawn, page.y)
}

struct Page {
    drawn: String,
    /// What is above it is drawn.
    y: f64,
}

impl Page {
    fn line(&mut self, class: &str, text: &str) {
        self.y += if class == "h" { LINE + 8.0 } else { LINE };
        self.text(class, 16.0, self.y, "start", text);
    }

    fn text(&mut self, class: &str, x: f64, y: f64, anchor: &str, text: &str) {
        let text = escaped(text);
        let _ = write!(
            self.drawn,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    /// A cause, with its colour.
    fn entry(&mut self, scene: &Scene<'_>, effect: &Effect) {
        self.y += LINE;
        if effect.rule != Rule::EdgeCannotRead {
            let (y, colour) = (self.y - 11.0, colour(effect.rule));
            let _ = write!(
                self.drawn,
                "<rect x=\"16\" y=\"{y:.1}\" width=\"12\" height=\"12\" rx=\"2\" fill=\"{colour}\"/>"
            );
        }
        let cause = words::cause(scene, effect.rule);
        let simulated = words::count(effect.total.simulated);
        let expected = words::expected(effect.total);
        self.text("", 36.0, self.y, "start", &format!("{cause}: {simulated}, {expected} expected"));
    }

    fn chart(&mut self, scene: &Scene<'_>, curves: &[&Effect]) {
        let minutes = scene.run.new_servers.len();
        let scale = Scale::new(self.y + 12.0, minutes, curves);
        self.grid(&scale, minutes);
        let mut below = vec![0.0; minutes];
        for curve in curves {
            let counts = curve.simulated.iter().zip(&below);
            let above: Vec<f64> = counts.map(|(count, below)| *count as f64 + below).collect();
            let area = scale.area(&above, &below);
            let colour = colour(curve.rule);
            let _ = write!(self.drawn, "<path fill=\"{colour}\" d=\"{area}\"/>");
            below = above;
        }
        let expected = (0..minutes).map(|minute| {
            let counts = curves.iter().filter_map(|curve| curve.expected.get(minute));
            counts.sum::<f64>()
        });
        let points = expected.enumerate().map(|(minute, count)| {
            format!("{:.1} {:.1}", scale.x(minute as f64 + 0.5), scale.y(count))
        });
        let points = points.collect::<Vec<_>>().join(" ");
        let _ = write!(self.drawn, "<polyline class=\"expected\" points=\"{points}\"/>");
        self.servers(scene, &scale);
    }

    fn grid(&mut self, scale: &Scale, minutes: usize) {
        let mut count = 0.0;
        while count <= scale.highest {
            let (y, end) = (scale.y(count), WIDTH - RIGHT);
            let _ = write!(self.drawn, "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{end}\"/>");
            self.text("soft", LEFT - 8.0, y + 4.0, "end", &words::about_whole(count));
            count += scale.step;
        }
        let steps = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 720, 1440];
        let step = steps.into_iter().find(|step| minutes.div_ceil(*step) <= 12).unwrap_or(1440);
        for minute in (0..minutes).step_by(step) {
            let x = scale.x(minute as f64);
            self.text("soft", x, scale.y(0.0) + 18.0, "middle", &words::clock(minute));
        }
    }

    /// How many of the servers are new.
    fn servers(&mut self, scene: &Scene<'_>, scale: &Scale) {
        let strip = Scale { top: scale.y(0.0) + 28.0, height: STRIP, highest: 1.0, ..*scale };
        let shares = &scene.run.new_servers;
        let area = strip.area(shares, &vec![0.0; shares.len()]);
        let _ = write!(self.drawn, "<path class=\"servers\" d=\"{area}\"/>");
        self.text("soft", LEFT - 8.0, strip.y(0.2), "end", "servers");
        let y = strip.y(0.0) + 16.0;
        self.text("soft", LEFT, y, "start", "the share of the servers that are new");
        self.y = y + 8.0;
    }
}

/// From minutes and counts to the drawing.
#[derive(Clone, Copy)]
struct Scale {
    top: f64,
    height: f64,
    minutes: f64,
    highest: f64,
    step: f64,
}

impl Scale {
    fn new(top: f64, minutes: usize, curves: &[&Effect]) -> Self {
        let sums = (0..minutes).flat_map(|minute| {
            let simulated = curves.iter().filter_map(|it| it.simulated.get(minute)).sum::<u64>();
            let expected = curves.iter().filter_map(|it| it.expected.get(minute)).sum::<f64>();
            [simulated as f64, expected]
        });
        let highest = sums.fold(1.0, f64::max);
        // 1, 2, 5, 10, …: at most five lines.
        let steps = (0..).flat_map(|power| [1.0, 2.0, 5.0].map(|step| step * 10_f64.powi(power)));
        let step = steps.take(60).find(|step| highest / step <= 5.0).unwrap_or(highest);
        let highest = (highest / step).ceil() * step;
        Self { top, height: HEIGHT, minutes: minutes as f64, highest, step }
    }

    fn x(&self, minute: f64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * minute / self.minutes
    }

    fn y(&self, count: f64) -> f64 {
        self.top + self.height * (1.0 - count / self.highest)
    }

    /// Between two curves: a step for each minute, there and back.
    fn area(&self, above: &[f64], below: &[f64]) -> String {
        let step = |(minute, count): (usize, &f64), is_back: bool| {
            let (from, to) = (self.x(minute as f64), self.x(minute as f64 + 1.0));
            let (from, to) = if is_back { (to, from) } else { (from, to) };
            let y = self.y(*count);
            format!("L{from:.1} {y:.1}L{to:.1} {y:.1}")
        };
        let there: String = above.iter().enumerate().map(|it| step(it, false)).collect();
        let back = below.iter().enumerate().rev();
        let back: String = back.map(|it| step(it, true)).collect();
        format!("M{:.1} {:.1}{there}{back}Z", self.x(0.0), self.y(0.0))
    }
}
