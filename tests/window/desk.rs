//! A window on a data directory of its own, and the hands and eyes that a person has.

use std::time::{Duration, Instant};

use altyaa_console::app::{App, Command, Dialog, Services, State};
use altyaa_console::disk::DataDir;
use altyaa_console::profile::{self, Profile};
use altyaa_console::sandbox::{Sandbox, SandboxSettings};
use altyaa_console::transport::Limits;
use altyaa_console::ui::Window;
use eframe::egui::{Event, Key, Modifiers, Rect, Role, vec2};
use egui_kittest::kittest::{AccessKitNode, NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use tempfile::TempDir;

/// How long work in the background may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ctrl as keyboards send it.
pub const CTRL: Modifiers = Modifiers { alt: false, ctrl: true, shift: false, mac_cmd: false, command: true };

/// How a window is opened.
pub struct Plan {
    pub size: [f32; 2],
    pub scale: f32,
    pub profile: Profile,
    pub notices: Vec<(String, String)>,
    /// Whether characters of no bundled font may be drawn as boxes.
    pub has_foreign_text: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            size: [1440.0, 900.0],
            scale: 1.0,
            profile: profile::built_in("altyaa").unwrap(),
            notices: Vec::new(),
            has_foreign_text: false,
        }
    }
}

/// An open window.
pub struct Desk {
    pub harness: Harness<'static, Window>,
    /// What was put on the clipboard.
    pub copied: Vec<String>,
    pub dir: TempDir,
}

impl Desk {
    /// The window as a person first sees it, with the sandbox up.
    pub fn open() -> Self {
        Self::open_with(Plan::default())
    }

    pub fn open_with(plan: Plan) -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), plan)
    }

    /// A window over a data directory that may hold something already.
    pub fn open_in(dir: TempDir, plan: Plan) -> Self {
        let data_dir = DataDir::resolve(Some(dir.path().join("data"))).unwrap();
        let (services, mut notices) = Services::open(plan.profile, data_dir, Limits::default()).unwrap();
        notices.extend(plan.notices);
        let app = App::start(services, notices).unwrap();
        let mut builder = Harness::builder()
            .with_size(vec2(plan.size[0], plan.size[1]))
            .with_pixels_per_point(plan.scale)
            .with_render_cursor(false)
            .with_max_steps(24);
        if plan.has_foreign_text {
            builder = builder.allow_missing_glyphs();
        }
        let harness = builder.build_eframe(|cc| Window::new(&cc.egui_ctx, app));
        let mut desk = Self { harness, copied: Vec::new(), dir };
        desk.settle();
        desk
    }

    /// One frame for each event that waits, then what came of it.
    pub fn step(&mut self) {
        self.harness.step();
        for command in &self.harness.output().platform_output.commands {
            if let eframe::egui::OutputCommand::CopyText(text) = command {
                self.copied.push(text.clone());
            }
        }
    }

    /// Draws until no job is left and the window rests; checks that everything that can be used has a name.
    pub fn settle(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // What a click asks for is applied in the frame after it.
            self.step();
            self.step();
            if self.harness.state_mut().app().pending_jobs() == 0 {
                self.harness.run();
                // A dialog finds its height and its middle over some frames that it does not ask for.
                if self.state(|state| state.dialog != Dialog::None) {
                    (0..4).for_each(|_| self.step());
                }
                if self.harness.state_mut().app().pending_jobs() == 0 {
                    return;
                }
            }
            assert!(Instant::now() < deadline, "the program did not come to rest");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Draws until that is to be seen.
    pub fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.sees(text) {
            assert!(Instant::now() < deadline, "never seen: {text}");
            self.step();
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn state<T>(&mut self, read: impl FnOnce(&State) -> T) -> T {
        read(self.harness.state_mut().app().state())
    }

    /// A command that no control of the window offers.
    pub fn push(&mut self, command: Command) {
        self.harness.state_mut().app().push(command);
        self.settle();
    }

    /// Everything that assistive technology is told, one text a line.
    pub fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for node in self.nodes() {
            let data = node.data();
            let parts = [data.label(), data.value(), data.description(), data.placeholder(), data.tooltip()];
            texts.extend(parts.into_iter().flatten().map(str::to_owned));
        }
        texts
    }

    fn nodes(&self) -> impl Iterator<Item = AccessKitNode<'_>> {
        self.harness.root().children_recursive().map(|node| node.accesskit_node())
    }

    pub fn sees(&self, text: &str) -> bool {
        self.texts().iter().any(|seen| seen.contains(text))
    }

    #[track_caller]
    pub fn assert_sees(&self, wanted: &[&str]) {
        let texts = self.texts();
        for text in wanted {
            assert!(texts.iter().any(|seen| seen.contains(text)), "not to be seen: {text}\n{}", texts.join("\n"));
        }
    }

    #[track_caller]
    pub fn assert_sees_not(&self, unwanted: &str) {
        let found = self.texts().into_iter().find(|seen| seen.contains(unwanted));
        assert_eq!(found, None, "{unwanted}");
    }

    /// Every node of a role, by name, with its place where it has one in sight.
    pub fn all(&self, role: Role) -> Vec<(String, Option<Rect>)> {
        let place = |node: &Node<'_>| node.accesskit_node().bounding_box().map(|_| node.rect());
        let nodes = self.harness.query_all_by_role(role);
        nodes.map(|node| (node.accesskit_node().label().unwrap_or_default(), place(&node))).collect()
    }

    /// Where a text stands that is in sight.
    #[track_caller]
    pub fn place_of_text(&self, text: &str) -> Rect {
        let has_it = |node: &AccessKitNode<'_>| {
            let data = node.data();
            node.role() == Role::Label && [data.label(), data.value()].into_iter().flatten().any(|t| t.contains(text))
        };
        let found = self.harness.query_all(egui_kittest::kittest::by().predicate(has_it)).next();
        let found = found.unwrap_or_else(|| panic!("not to be seen: {text}\n{}", self.texts().join("\n")));
        assert!(found.accesskit_node().bounding_box().is_some(), "{text} is out of sight");
        found.rect()
    }

    /// The marked places of the payload, by name.
    pub fn marks(&self) -> Vec<String> {
        self.all(Role::Mark).into_iter().map(|(name, _)| name).collect()
    }

    #[track_caller]
    pub fn rect(&self, role: Role, name: &str) -> Rect {
        self.harness.get_by_role_and_label(role, name).rect()
    }

    #[track_caller]
    fn node<'a>(&'a self, role: Role, name: &'a str) -> Node<'a> {
        self.harness.get_by_role_and_label(role, name)
    }

    /// Clicks what is there once under that role and name, scrolled to where that is needed.
    #[track_caller]
    pub fn click(&mut self, role: Role, name: &str) {
        self.node(role, name).scroll_to_me();
        self.settle();
        self.node(role, name).click();
        self.settle();
    }

    #[track_caller]
    pub fn press_button(&mut self, name: &str) {
        self.click(Role::Button, name);
    }

    /// Clicks a button and does not wait for what comes of it.
    #[track_caller]
    pub fn click_now(&mut self, name: &str) {
        self.node(Role::Button, name).click();
        self.step();
        self.step();
    }

    /// Clicks a tab of the region named.
    #[track_caller]
    pub fn open_tab(&mut self, region: &str, title: &str) {
        let region = self.node(Role::Region, region);
        let tabs: Vec<_> = region.query_all_by_role(Role::Tab).collect();
        let is_it = |node: &&Node<'_>| {
            let name = node.accesskit_node().label().unwrap_or_default();
            name == title || name.strip_prefix(title).is_some_and(|rest| rest.trim().parse::<u32>().is_ok())
        };
        tabs.iter().find(is_it).unwrap_or_else(|| panic!("no tab {title}")).click();
        self.settle();
    }

    /// Opens a list and takes one of its entries.
    #[track_caller]
    pub fn choose(&mut self, list: &str, entry: &str) {
        self.harness.get_all_by_role_and_label(Role::ComboBox, list).next().unwrap().click();
        self.settle();
        // The last is the one of the list that has just opened. A long list is scrolled first.
        let offered = |desk: &Self| desk.harness.query_all_by_label(entry).last().map(|node| node.scroll_to_me());
        offered(self).unwrap_or_else(|| panic!("{list} offers no {entry}"));
        self.settle();
        self.harness.query_all_by_label(entry).last().unwrap().click();
        self.settle();
    }

    /// Replaces the text of a field by typing.
    #[track_caller]
    pub fn fill(&mut self, name: &str, text: &str) {
        self.fill_with(name, Event::Text(text.to_owned()));
    }

    /// Replaces the text of a field from the clipboard.
    #[track_caller]
    pub fn paste(&mut self, name: &str, text: &str) {
        self.fill_with(name, Event::Paste(text.to_owned()));
    }

    #[track_caller]
    fn fill_with(&mut self, name: &str, event: Event) {
        self.go_to(name);
        self.harness.key_press_modifiers(CTRL, Key::A);
        match event {
            Event::Text(text) if text.is_empty() => self.harness.key_press(Key::Delete),
            event => self.harness.event(event),
        }
        self.settle();
    }

    /// Puts the keyboard into a field by clicking it.
    #[track_caller]
    pub fn go_to(&mut self, name: &str) {
        let is_field = |node: &AccessKitNode<'_>| node.is_text_input() && node.label().as_deref() == Some(name);
        let field = self.harness.query_by(is_field);
        field.unwrap_or_else(|| panic!("no field {name}\n{}", self.texts().join("\n"))).click();
        self.settle();
        assert!(self.is_focused(name), "{name} did not take the keyboard");
    }

    /// Puts the keyboard into a field as assistive technology does, wherever it is scrolled to.
    #[track_caller]
    pub fn focus(&mut self, name: &str) {
        let is_field = |node: &AccessKitNode<'_>| node.is_text_input() && node.label().as_deref() == Some(name);
        self.harness.get_by(is_field).focus();
        self.settle();
        assert!(self.is_focused(name), "{name} did not take the keyboard");
    }

    /// The text of a field.
    #[track_caller]
    pub fn text_of(&self, name: &str) -> String {
        let is_field = |node: &AccessKitNode<'_>| node.is_text_input() && node.label().as_deref() == Some(name);
        self.harness.get_by(is_field).value().unwrap_or_default()
    }

    pub fn is_focused(&self, name: &str) -> bool {
        self.nodes().any(|node| node.is_focused() && node.label().as_deref() == Some(name))
    }

    pub fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    /// The report that is being previewed.
    pub fn report(&mut self) -> String {
        let text = self.state(|state| state.report.as_ref().unwrap().text.to_string());
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        self.assert_sees(&[first]);
        text
    }

    #[track_caller]
    pub fn is_disabled(&self, button: &str) -> bool {
        self.node(Role::Button, button).accesskit_node().is_disabled()
    }

    /// Types where the keyboard is.
    pub fn type_text(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.settle();
    }

    /// Presses Send and waits for the end.
    #[track_caller]
    pub fn send(&mut self) {
        self.press_button("Send");
    }
}

/// Another sandbox than the window's own, which the profile's environment "Sandbox" points to.
pub struct Remote {
    pub sandbox: Sandbox,
    /// It serves the sandbox as long as it lives.
    _runtime: tokio::runtime::Runtime,
}

impl Remote {
    pub fn start(settings: SandboxSettings) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sandbox = runtime.block_on(Sandbox::start(settings)).unwrap();
        Self { sandbox, _runtime: runtime }
    }

    /// The built-in profile with that environment's address.
    pub fn profile(&self) -> Profile {
        let mut profile = profile::built_in("altyaa").unwrap();
        let environment = profile.environments.iter_mut().find(|environment| environment.name == "sandbox").unwrap();
        environment.base = Some(self.sandbox.base_url());
        profile
    }

    /// The token of one of its keys.
    pub fn token(&self, key: &str) -> String {
        let found = self.sandbox.credentials().iter().find(|credential| credential.name == key).unwrap();
        found.token.expose().to_owned()
    }

    /// Its address, and the secret of the client that signs in as itself.
    pub fn service(&self) -> (String, String) {
        let client = self.sandbox.oauth_clients().iter().find(|client| client.secret.is_some()).unwrap();
        (self.sandbox.base_url(), client.secret.as_ref().unwrap().expose().to_owned())
    }

    /// A window on it: its environment chosen, a key added as a person does, the workspace typed.
    pub fn desk(&self) -> Desk {
        let mut desk = Desk::open_with(Plan { profile: self.profile(), ..Plan::default() });
        desk.choose("Environment", "Sandbox");
        add_session_credential(&mut desk, "my-key", &self.sandbox.base_url(), &self.token("editor key"));
        desk.press_button("Close");
        desk.choose("Credential", "my-key");
        desk.fill("Workspace", self.sandbox.workspace());
        desk
    }
}

/// Fills the form in and stores the credential for this session. Leaves the dialog open.
#[track_caller]
pub fn add_session_credential(desk: &mut Desk, name: &str, origin: &str, secret: &str) {
    if !desk.sees("Add a credential") {
        desk.choose("Credential", "Manage credentials…");
    }
    desk.fill("Credential name", name);
    desk.fill("Credential origins", origin);
    desk.paste("Secret", secret);
    let session = "Keep it for this session only, not in the keyring";
    let is_on = desk.harness.get_by_label(session).accesskit_node().toggled();
    if is_on == Some(eframe::egui::accesskit::Toggled::False) {
        desk.click(Role::CheckBox, session);
    }
    desk.press_button("Store credential");
}

/// A post that the sandbox takes, with that slug.
pub fn valid_post(slug: &str) -> String {
    format!("{{\"title\": \"Test\", \"slug\": \"{slug}\", \"channels\": [{{\"name\": \"blog\"}}]}}")
}
