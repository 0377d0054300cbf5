internal import SluiceConfig

/// `sluice settings --markdown`: the tables of docs/configuration.md.
enum SettingsCommand {
    static let command = Command(
        name: "settings",
        sentence: "writes the reference of all settings",
        flags: [
            Command.Flag(
                name: "--markdown",
                value: nil,
                isRequired: true,
                sentence: "as the tables of docs/configuration.md"
            )
        ],
        isHidden: true
    ) { _ in
        Console.say(SettingReference.markdown())
        return .success
    }
}
