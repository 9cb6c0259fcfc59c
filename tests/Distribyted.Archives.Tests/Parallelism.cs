// Of two cores the tests used one: most of them wait for programs that write archives.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]
