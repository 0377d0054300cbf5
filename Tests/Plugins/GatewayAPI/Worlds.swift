import SluiceGatewayAPI
import SluiceShared

/// A world made from the text of its manifests.
struct World {
    var objects: [ManifestObject] = []
    var refused: [ObjectProblem] = []
    var faulty: [ManifestObject] = []

    init(_ manifests: String, source: String = "world.yaml") throws {
        for document in try YAML.parse(Array(manifests.utf8), source: source) {
            for reading in Manifest.read(document) {
                switch reading {
                case .accepted(let object): objects.append(object)
                case .refused(_, let problems, let policy):
                    refused += problems
                    if let policy { faulty.append(policy) }
                case .ignored(let problem): refused.append(problem)
                }
            }
        }
    }

    var translation: Translation { Translator.translate(objects, faulty: faulty) }

    /// Documents, problems and conditions in a form that people can compare.
    var rendering: String {
        let translation = translation
        var documents: [String: JSON] = [:]
        for (name, document) in translation.documents {
            documents["\(name.kind.rawValue) \(name.name)"] = document.content
        }
        let problems = (refused + translation.problems).sorted()
        let output: JSON = [
            "documents": .object(documents),
            "problems": .array(problems.map { .string("\($0.code): \($0)") }),
            "status": .array(conditions(translation).map(JSON.string)),
        ]
        return output.text(pretty: true)
    }

    private func conditions(_ translation: Translation) -> [String] {
        translation.statuses.values.sorted { $0.key < $1.key }.flatMap { status in
            var lines: [String] = []
            if !status.conditions.isEmpty {
                lines.append("\(status.key): \(words(status.conditions))")
            }
            lines += status.listeners.map { listener in
                "\(status.key) \(listener.name): \(words(listener.conditions)), "
                    + "\(listener.attachedRoutes) attached"
            }
            lines += status.parents.map { parent in
                "\(status.key) at \(parent.reference["name"]?.text() ?? ""): "
                    + words(parent.conditions)
            }
            lines += status.ancestors.map { ancestor in
                "\(status.key) at \(ancestor.reference["name"]?.text() ?? ""): "
                    + words(ancestor.conditions)
            }
            return lines
        }
    }

    private func words(_ conditions: [Condition]) -> String {
        conditions.map { "\($0.type)=\($0.truth.rawValue)/\($0.reason)" }.joined(separator: " ")
    }
}
