internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceShared
internal import SluiceTelemetry

/// `/openapi.json`: the admin API and the operations of all plugins, as OpenAPI 3.1.
enum OpenAPI {
    static func document(_ plugins: [InstanceOperations]) -> JSON {
        var paths: [String: [String: JSON]] = [:]
        for page in Page.all { paths[page.path, default: [:]][page.method.lowercased()] = of(page) }
        for plugin in plugins {
            for operation in plugin.operations {
                paths[OperationPages.path(plugin.instance, operation)] = [
                    operation.method.lowercased(): of(operation, plugin.instance)
                ]
            }
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "The admin API of Sluice", "version": .string(BuildInfo.version),
            ],
            "paths": .object(paths.mapValues(JSON.object)),
        ]
    }

    private static func of(_ page: Page) -> JSON {
        let responses = page.statuses.map { status in
            ("\(status)", response("\(Status.reason(status))", page.mediaType))
        }
        return [
            "operationId": .string("\(page.method.lowercased())\(page.path)"),
            "summary": .string(page.sentence),
            "responses": .object(Dictionary(uniqueKeysWithValues: responses)),
        ]
    }

    private static func of(_ operation: Operation, _ instance: String) -> JSON {
        var described: JSON = [
            "operationId": .string("\(instance)/\(operation.name)"),
            "summary": .string(operation.doc),
            "tags": [.string(instance)],
            "responses": [
                "200": response("what the operation says", "application/json"),
                "202": response("it was begun", "application/json"),
                "default": response("why it failed: error, status", "application/json"),
            ],
        ]
        if operation.writes {
            described["requestBody"] = [
                "required": .bool(operation.parameters.contains { !$0.isOptional }),
                "content": ["application/json": ["schema": body(of: operation)]],
            ]
        } else {
            described["parameters"] = .array(
                operation.parameters.map { parameter in
                    [
                        "name": .string(parameter.name),
                        "in": "query",
                        "description": .string(parameter.doc),
                        "required": .bool(!parameter.isOptional),
                        "schema": schema(of: parameter),
                    ]
                }
            )
        }
        return described
    }

    private static func body(of operation: Operation) -> JSON {
        let properties = operation.parameters.map { parameter in
            var schema = schema(of: parameter)
            schema["description"] = .string(parameter.doc)
            return (parameter.name, schema)
        }
        return [
            "type": "object",
            "properties": .object(Dictionary(uniqueKeysWithValues: properties)),
            "required": .array(
                operation.parameters.filter { !$0.isOptional }.map { .string($0.name) }
            ),
            "additionalProperties": false,
        ]
    }

    /// The JSON Schema of a parameter's values.
    static func schema(of parameter: Operation.Parameter) -> JSON {
        var schema: JSON = ["type": .string(parameter.type.word)]
        if let range = parameter.type.range {
            schema["minimum"] = .number(range.least)
            schema["maximum"] = .number(range.most)
        }
        if let fallback = parameter.fallback { schema["default"] = fallback }
        return schema
    }

    private static func response(_ sentence: String, _ mediaType: String) -> JSON {
        ["description": .string(sentence), "content": [mediaType: ["schema": [:]]]]
    }
}
