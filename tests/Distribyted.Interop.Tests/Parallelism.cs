// Only fixtures that say so run side by side: those that wait for other programs and measure nothing.
[assembly: LevelOfParallelism(4)]
