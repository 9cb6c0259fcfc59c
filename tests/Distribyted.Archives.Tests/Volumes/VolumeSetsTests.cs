using Distribyted.Archives.Volumes;

namespace Distribyted.Archives.Tests.Volumes;

public sealed class VolumeSetsTests
{
    [TestCase("a.rar a.r00 a.r01", "a.rar a.r00 a.r01", null)]
    [TestCase("a.r01 A.RAR a.R00", "A.RAR a.R00 a.r01", null)]
    [TestCase("a.part1.rar a.part2.rar", "a.part1.rar a.part2.rar", null)]
    [TestCase("a.Part01.RAR a.part02.rar", "a.Part01.RAR a.part02.rar", null)]
    [TestCase("a.part9.rar a.part10.rar a.part1.rar", "a.part1.rar a.part9.rar a.part10.rar", "a.part2.rar")]
    [TestCase("a.part001.rar a.part003.rar", "a.part001.rar a.part003.rar", "a.part002.rar")]
    [TestCase("a.part02.rar", "a.part02.rar", "a.part01.rar")]
    [TestCase("a.part1.rar", "a.part1.rar", null)]
    [TestCase("a.r00 a.r01", "a.r00 a.r01", "a.rar")]
    [TestCase("a.rar a.r00 a.r02 a.r03", "a.rar a.r00 a.r02 a.r03", "a.r01")]
    [TestCase("a.7z.001 a.7z.002", "a.7z.001 a.7z.002", null)]
    [TestCase("a.001 a.003", "a.001 a.003", "a.002")]
    [TestCase("a.rar b.r00 x.txt a.part0.rar", "b.r00", "b.rar")]
    public void One_set_is_found(string names, string expected, string? missing)
    {
        var set = VolumeSets.Find(names.Split(' ')).Single();

        Assert.That(set.Names, Is.EqualTo(expected.Split(' ')));
        Assert.That(set.Missing, Is.EqualTo(missing));
        Assert.That(set.Name, Is.EqualTo(set.Names[0]));
    }

    [TestCase("a.rar")]
    [TestCase("a.rar b.rar a.zip")]
    [TestCase("a.z01 a.zip a.s01 a.y99")]
    [TestCase("part1.rar .001 a.000 a.part0.rar a.part123456.rar a.r1 a.r001x")]
    [TestCase("film.2024 film.002 film.mp4 film.e01.mkv")]
    public void Other_names_are_no_sets(string names)
    {
        Assert.That(VolumeSets.Find(names.Split(' ')), Is.Empty);
    }

    [Test]
    public void After_r99_comes_s00()
    {
        string[] names = ["a.rar", .. Enumerable.Range(0, 100).Select(static n => $"a.r{n:D2}"), "a.s00", "a.s01"];

        var set = VolumeSets.Find(names.Reverse()).Single();

        Assert.That(set.Names, Is.EqualTo(names));
        Assert.That(set.Missing, Is.Null);
    }

    [Test]
    public void Sets_of_one_folder_are_kept_apart()
    {
        var sets = VolumeSets.Find(["a.part1.rar", "a.part2.rar", "a.part01.rar", "a.part02.rar", "a.rar", "a.r00", "b.rar", "a.001"]);

        Assert.That(
            sets.Select(static set => string.Join(' ', set.Names)),
            Is.EqualTo(new[] { "a.001", "a.part01.rar a.part02.rar", "a.part1.rar a.part2.rar", "a.rar a.r00" })
        );
    }

    [Test]
    public void A_hundred_thousand_names_are_looked_through_at_once()
    {
        var names = Enumerable.Range(1, 99_999).Select(static n => $"a.part{n:D5}.rar").ToArray();

        Assert.That(VolumeSets.Find(names).Single().Names, Is.EqualTo(names));
    }
}
