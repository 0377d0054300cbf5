@main
struct Main {
    static func main() { Arguments.perform() }
}
