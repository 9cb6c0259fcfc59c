using Distribyted.Training;

namespace Distribyted.Published.Tests.Profile;

/// <summary>The runtime's way to write a method.</summary>
internal sealed class MethodNameTests
{
    [TestCase("A.B:C()", "A.B", 0, "C", 0, 0)]
    [TestCase("A.B+D:.ctor(int,byref)", "A.B+D", 0, ".ctor", 0, 2)]
    [TestCase("A.B`2[int,A.C`1[System.__Canon]]:C[A.D`2[int,int],bool](A.E`2[int,int])", "A.B`2", 2, "C", 2, 1)]
    [TestCase("A.B`1[int[]]:A.I<T>.C(int[],System.Span`1[int])", "A.B`1", 1, "A.I<T>.C", 0, 2)]
    public void Its_parts_are_found(string text, string type, int typeArguments, string method, int arguments, int parameters)
    {
        var name = MethodName.Parse(text);
        Assert.Multiple(() =>
        {
            Assert.That(name.Type.Name, Is.EqualTo(type));
            Assert.That(name.Type.Arguments, Has.Count.EqualTo(typeArguments));
            Assert.That(name.Method, Is.EqualTo(method));
            Assert.That(name.Arguments, Has.Count.EqualTo(arguments));
            Assert.That(name.Parameters, Is.EqualTo(parameters));
        });
    }

    [TestCase("")]
    [TestCase("A.B")]
    [TestCase("A.B:C")]
    [TestCase("A(B):C")]
    public void What_is_none_is_refused(string text)
    {
        Assert.That(() => MethodName.Parse(text), Throws.InstanceOf<FormatException>());
    }
}
