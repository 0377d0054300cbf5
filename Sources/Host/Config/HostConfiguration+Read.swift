internal import SluiceBase
internal import SluiceShared

extension HostConfiguration {
    /// Reads and checks a file; on failure nothing of it counts and every problem is named.
    package static func read(_ path: String) throws(ConfigFailure) -> HostConfiguration {
        let bytes: [UInt8]
        do throws(Files.Failure) {
            bytes = try Files.read(path, bytesMax: FixedLimits.configurationBytesMax)
        } catch {
            throw ConfigFailure(whole: path, error.sentence)
        }
        var configuration = try parse(bytes, source: path)
        let folder = Self.folder(of: path)
        configuration.directory = (try? Files.resolved(folder)) ?? folder
        configuration.stateDirectory = Files.path(
            configuration.stateDirectory,
            from: configuration.directory
        )
        return configuration
    }

    /// Checks the text of a file, YAML or JSON; relative paths stay as they are.
    package static func parse(
        _ bytes: [UInt8],
        source: String
    ) throws(ConfigFailure) -> HostConfiguration {
        let documents: [JSONDocument]
        do throws(ParseFailure) {
            documents = try YAML.parse(bytes, source: source)
        } catch {
            throw ConfigFailure(problems: [ConfigProblem(error)])
        }
        guard let root = documents.first?.root, documents.count == 1 else {
            throw ConfigFailure(
                whole: source,
                "expected one document of kind \(SettingTable.kind), found \(documents.count)"
            )
        }
        var reader = ConfigReader()
        reader.check(section: root, at: "")
        guard reader.problems.isEmpty else { throw ConfigFailure(problems: reader.problems) }
        var configuration = HostConfiguration(root)
        reader.relate(configuration, root)
        guard reader.problems.isEmpty else { throw ConfigFailure(problems: reader.problems) }
        configuration.path = source
        return configuration
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

extension ConfigFailure {
    /// A failure of the file as a whole.
    init(whole source: String, _ text: String) {
        self.init(
            problems: [
                ConfigProblem(source: source, line: 0, column: 0, pointer: "", text: text)
            ]
        )
    }
}

extension ConfigProblem {
    init(_ failure: ParseFailure) {
        self.init(
            source: failure.source,
            line: failure.mark.line,
            column: failure.mark.column,
            pointer: failure.pointer,
            text: failure.text
        )
    }
}

extension Files.Failure {
    fileprivate var sentence: String {
        switch self {
        case .system(let failure): "the configuration cannot be read: \(failure)"
        case .tooLarge(let bytesMax):
            "the configuration is longer than \(ByteSize.text(bytesMax))"
        }
    }
}
