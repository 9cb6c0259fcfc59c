#pragma warning disable MA0048, MA0182, CA1812, CA1822 // several small types on purpose, which nothing uses
namespace Distribyted.Tests.Architecture.Trespass
{
    /// <summary>A type of the root, which the folders below must not name.</summary>
    internal sealed class RootType
    {
        internal static int Value { get; set; }
    }

    internal sealed class Entry
    {
        internal Lower.ByField? Below { get; set; }

        internal Higher.HigherType? Above { get; set; }
    }
}

namespace Distribyted.Tests.Architecture.Trespass.Higher
{
    internal sealed class HigherType
    {
        internal Lower.ByField? Below { get; set; }
    }

    [AttributeUsage(AttributeTargets.Class)]
    internal sealed class HigherAttribute : Attribute;
}

namespace Distribyted.Tests.Architecture.Trespass.Lower
{
    internal sealed class ByField
    {
        private Higher.HigherType? _above;

        internal void Set(object above)
        {
            _above ??= above as Higher.HigherType;
        }
    }

    internal sealed class ByCall
    {
        internal static int Read()
        {
            return RootType.Value; // no using needed: the root is the parent namespace
        }
    }

    internal sealed class ByGenericArgument
    {
        internal static int Count(Dictionary<string, List<Higher.HigherType[]>> types)
        {
            return types.Count;
        }
    }

    [Higher.Higher]
    internal sealed class ByAttribute;

    internal sealed class ByAsyncMethod
    {
        internal static async Task<string> NameAsync()
        {
            await Task.Yield();
            return typeof(Higher.HigherType).Name;
        }
    }

    internal sealed class ByHttpClient
    {
        internal static void Send()
        {
            using var client = new HttpClient();
        }
    }

    internal sealed class Clean
    {
        internal static int Length(string text)
        {
            return text.Length;
        }
    }
}
