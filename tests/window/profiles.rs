//! Choosing the API profile in the window.

use altyaa_console::app::{Command, Dialog};

use crate::desk::{Desk, Plan};

const SHOP: &str = "name = \"shop\"\ntitle = \"Shop\"\n\n[[environments]]\nname = \"live\"\ntitle = \"Live\"\n\
                    kind = \"sandbox\"\nbase = \"https://shop.example\"\nis_default = true\n\n[envelope]\ncode = \"/fault/id\"\n\
                    message = \"/fault/text\"\n";

/// A window whose profiles folder holds a good profile and a broken one.
fn desk() -> Desk {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("data/profiles");
    altyaa_console::disk::private_folder(&dir.path().join("data")).unwrap();
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("shop.toml"), SHOP).unwrap();
    std::fs::write(folder.join("broken.toml"), "name = \"broken\"\ntitle = \"B\"\n[auth]\nhaeder = \"X\"\n").unwrap();
    Desk::open_in(dir, Plan::default())
}

#[test]
fn a_profile_of_the_folder_is_chosen_and_a_broken_one_says_why_it_cannot_be() {
    let mut desk = desk();
    desk.push(Command::OpenProfiles);
    desk.settle();
    desk.assert_sees(&["API profiles", "cannot be used", "there is no key haeder here", "did you mean header?"]);
    desk.press_button("Use the profile Shop");
    desk.assert_sees(&["Shop is used from now on", "Live"]);
    assert!(desk.state(|state| state.profile.title == "Shop" && state.dialog == Dialog::None));
    let settings = std::fs::read_to_string(desk.dir.path().join("data/settings.toml")).unwrap();
    assert!(settings.contains("profile = \"shop\""), "{settings}");
    // And back, with the first request of the other profile in the editors.
    desk.push(Command::OpenProfiles);
    desk.settle();
    desk.press_button("Use the profile Altyaa");
    assert!(desk.state(|state| state.profile.title == "Altyaa" && state.draft.body.contains("publishAt")));
    desk.send();
    desk.assert_sees(&["publishAt must be a future timestamp"]);
}
