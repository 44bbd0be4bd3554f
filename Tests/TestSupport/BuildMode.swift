/// Whether the tests were compiled with the optimiser: some work takes half a minute without.
public let isOptimised: Bool = {
    #if DEBUG
        false
    #else
        true
    #endif
}()
