namespace Distribyted.Tests.Processes;

/// <summary>Sizes of tests: what every run can afford, and what the acceptance asks for (<c>DISTRIBYTED_TESTS_LONG=1</c>).</summary>
internal static class LongRun
{
    public static bool IsWanted => Environment.GetEnvironmentVariable("DISTRIBYTED_TESTS_LONG") == "1";

    public static int Size(int normal, int full)
    {
        return IsWanted ? full : normal;
    }
}
